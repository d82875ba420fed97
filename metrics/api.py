"""The JSON API of the metrics app: events in, statistics out."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.http import HttpRequest

from experiments import answers, selectors
from experiments.answers import Answer, ApiError, Details
from experiments.hot import django_view
from experiments.http import Access, api_view
from metrics.counts import EventsPruned
from metrics.ingest.paths import EVENT_BATCHES, EVENTS
from metrics.phase_results import phase_results_for
from metrics.results import Results, VariantResult, results_for, results_from
from metrics.verdict_body import no_variant_body, variant_bodies, verdict_body
from metrics.verdicts import Judgement, judgement_for

record_event = django_view(EVENTS)
record_batch = django_view(EVENT_BATCHES)


@api_view(limits={"GET": "stats"}, access={"GET": Access.STAFF})
def stats(request: HttpRequest) -> Answer:
    """Answer what an experiment's results are, between two UTC days where they are asked for."""
    experiment_id, first, last = _parse_query(request)
    experiment = selectors.experiment_by_id(experiment_id)
    if experiment is None:
        raise ApiError(answers.error(404, "There is no experiment with this id."))
    if first is None and last is None:
        phase = phase_results_for(experiment)
        results = results_from(experiment, phase.totals)
        return Answer(200, _stats_body(results, judgement_for(phase)))
    try:
        results = results_for(experiment, first=first, last=last)
    except EventsPruned as pruned:
        raise ApiError(answers.validation_failed({"startDate": [_pruned(pruned)]})) from pruned
    # A verdict is about a phase, never about some of its days.
    return Answer(200, _stats_body(results, None))


def _pruned(pruned: EventsPruned) -> str:
    return (
        f"Raw events are kept since {pruned.since} only. Begin then or later, or leave startDate "
        "and endDate out: the results of the whole experiment are always there."
    )


def _parse_query(request: HttpRequest) -> tuple[str, date | None, date | None]:
    details: Details = {}
    experiment_id = answers.clean_uuid(request.GET.get("experimentId"))
    if experiment_id is None:
        details["experimentId"] = [answers.UUID_MESSAGE]
    days: dict[str, date | None] = {}
    for name in ("startDate", "endDate"):
        try:
            days[name] = _parse_day(request.GET.get(name, ""))
        except ValueError:
            details[name] = ["Must be an ISO 8601 date or time, such as 2026-01-31."]
    first, last = days.get("startDate"), days.get("endDate")
    if first and last and first > last:
        details["endDate"] = ["Must not be before startDate."]
    if details:
        raise ApiError(answers.validation_failed(details))
    return str(experiment_id), first, last


def _parse_day(text: str) -> date | None:
    """Return the UTC day of a date or time; a time without a zone is in UTC. "" is None."""
    if not text:
        return None
    if len(text) == len("2026-01-31"):
        return date.fromisoformat(text)
    # A "+" of an offset arrives as a space where the client didn't encode it.
    moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()
    except OverflowError as error:
        raise ValueError(text) from error


def _stats_body(results: Results, judgement: Judgement | None) -> dict[str, object]:
    judged = variant_bodies(judgement)
    return {
        "experimentId": str(results.experiment.id),
        "experimentName": results.experiment.name,
        "totalVisitors": results.total_visitors,
        "variants": [
            _variant_body(variant) | judged.get(str(variant.variant.id), no_variant_body())
            for variant in results.variants
        ],
        "confidence": results.test.p_value,
        "significanceReached": results.test.significant,
        **verdict_body(judgement),
    }


def _variant_body(result: VariantResult) -> dict[str, object]:
    return {
        "variantId": str(result.variant.id),
        "variantName": result.variant.name,
        "totalEvents": result.events,
        "uniqueVisitors": result.visitors,
        "eventBreakdown": dict(result.events_by_type),
        "conversionRate": result.rate or 0.0,
    }
