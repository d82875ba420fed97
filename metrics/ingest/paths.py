"""`POST /api/events` and `/api/events/batch`: what happened, kept and counted before the 201."""

from __future__ import annotations

from dataclasses import replace

from experiments.answers import Answer, error, timestamp, validation_failed
from experiments.hot import HotPath
from metrics.ingest.payload import Submission, parse_batch, parse_single
from metrics.ingest.record import record, record_if_plain
from metrics.ingest.steps import Reason
from metrics.ingest.store import Written

_REFUSALS = {
    Reason.UNKNOWN_EXPERIMENT: validation_failed(
        {"experimentId": ["There is no experiment with this id."]}
    ),
    Reason.FOREIGN_VARIANT: validation_failed(
        {"variantId": ["This variant doesn't belong to the experiment."]}
    ),
    Reason.NOT_THE_VISITORS_OWN: validation_failed(
        {"variantId": ["This is not the variant that the visitor has."]}
    ),
    Reason.NOT_STARTED: error(409, "This experiment is a draft: it counts nothing yet."),
    Reason.COMPLETED: error(409, "This experiment is completed: it counts nothing more."),
    Reason.ENROLS_NOBODY: error(
        409, "This experiment is paused, and the visitor has no assignment in it."
    ),
    Reason.ID_REUSED: error(
        409, "This id belongs to another event of the visitor. Give each event an id of its own."
    ),
}


def answer_events(submission: Submission, written: Written) -> Answer:
    if written.reason is not None:
        return _REFUSALS[written.reason]
    if submission.is_batch:
        count = len(submission.events)
        return Answer(201, {"count": count, "message": f"{count} event(s) recorded"})
    # A UUID and a time need no escaping. As JSON's encoder would write it, in half the time.
    id_, created_at = submission.events[0].id, timestamp(written.created_at[0])
    body = f'{{"id":"{id_}","createdAt":"{created_at}","message":"Event recorded"}}'
    return Answer(201, body.encode())


def _weight(submission: Submission) -> int:
    return len(submission.events)


EVENTS = HotPath(
    limit="events",
    parse=parse_single,
    act=record,
    answer=answer_events,
    usual=record_if_plain,
    weight=_weight,
)
EVENT_BATCHES = replace(EVENTS, limit="batches", parse=parse_batch)
