"""`POST /api/assignments`: which variant a visitor has."""

from __future__ import annotations

from experiments import answers
from experiments.answers import Answer, ApiError, clean_uuid, error, validation_failed
from experiments.assignment import Outcome, Refusal, Wish, assign, assign_if_current
from experiments.hot import HotPath

_REFUSALS = {
    Refusal.UNKNOWN_EXPERIMENT: error(404, "There is no experiment with this id."),
    Refusal.NO_VARIANTS: error(404, "This experiment has no variants."),
    Refusal.ENROLS_NOBODY: error(
        409, "This experiment takes no new visitors: it is a draft, paused or completed."
    ),
}


def parse_wish(body: bytes) -> Wish:
    """Return the visitor and the experiment, or raise the ApiError that names what is wrong."""
    raw = answers.parse_body(body)
    ids = {name: clean_uuid(raw.get(name)) for name in ("visitorId", "experimentId")}
    wrong = {name: [answers.UUID_MESSAGE] for name, value in ids.items() if value is None}
    if wrong:
        raise ApiError(validation_failed(wrong))
    return Wish(str(ids["visitorId"]), str(ids["experimentId"]))


def answer_wish(wish: Wish, outcome: Outcome) -> Answer:
    if isinstance(outcome, Refusal):
        return _REFUSALS[outcome]
    return Answer(
        200,
        {
            "visitorId": wish.visitor_id,
            "experimentId": wish.experiment_id,
            "variantId": outcome.id,
            "variantName": outcome.name,
        },
    )


ASSIGNMENTS = HotPath(
    limit="assignments", parse=parse_wish, act=assign, answer=answer_wish, usual=assign_if_current
)
