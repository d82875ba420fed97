"""Results of a range of days, once raw events were pruned: exact, or refused."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory, make_token
from metrics.counts import EventsPruned
from metrics.models import PrunedMonth
from metrics.results import results_for
from metrics.tests.factories import assigned_visitor, event_of, record_one
from metrics.tests.months import moment_in
from metrics.tests.pruned import NEXT, prune

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("only_usual_months")]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 1, 15), date(2026, 1, 15)),
        (date(2026, 1, 1), date(2026, 2, 20)),
        (None, date(2026, 2, 20)),
        (None, date(2026, 1, 31)),
    ],
)
def test_range_with_pruned_events_in_it_is_refused(
    two_months: Experiment, first: date | None, last: date
) -> None:
    assert results_for(two_months, first=first, last=last).total_events > 0
    prune()
    with pytest.raises(EventsPruned) as refused:
        results_for(two_months, first=first, last=last)
    assert refused.value.since == NEXT


@pytest.mark.parametrize(
    ("first", "last", "events"),
    [
        (date(2026, 2, 1), date(2026, 2, 28), 2),
        (date(2026, 1, 16), date(2026, 2, 28), 2),
        (date(2026, 1, 16), date(2026, 1, 31), 0),
        (date(2026, 1, 1), date.max, 4),
        (None, None, 4),
    ],
)
def test_range_that_misses_no_event_is_answered(
    two_months: Experiment, first: date | None, last: date | None, events: int
) -> None:
    prune()
    assert results_for(two_months, first=first, last=last).total_events == events


def test_range_of_an_experiment_begun_after_the_pruned_months_is_answered(
    two_months: Experiment,
) -> None:
    prune()
    later = ExperimentFactory(split=[100, 0])
    record_one(event_of(later, *assigned_visitor(later), moment=moment_in(NEXT)))
    assert results_for(later, first=date(2026, 1, 1), last=date(2026, 2, 20)).total_visitors == 1


def test_stats_of_a_pruned_range_say_since_when_events_are_kept(
    two_months: Experiment, client: Client
) -> None:
    prune()
    headers = {"Authorization": f"Bearer {make_token()[1]}"}
    path = f"/api/stats?experimentId={two_months.id}"
    refused = client.get(f"{path}&startDate=2026-01-10&endDate=2026-02-10", headers=headers)
    assert refused.status_code == 400
    sentence = (
        "Raw events are kept since 2026-02-01 only. Begin then or later, or leave startDate and "
        "endDate out: the results of the whole experiment are always there."
    )
    assert refused.json() == {"error": "Validation failed", "details": {"startDate": [sentence]}}
    whole = client.get(path, headers=headers).json()
    assert sum(variant["totalEvents"] for variant in whole["variants"]) == 4
    kept = client.get(f"{path}&startDate=2026-02-01&endDate=2026-02-20", headers=headers).json()
    assert sum(variant["totalEvents"] for variant in kept["variants"]) == 2


def test_range_is_refused_from_the_moment_that_a_prune_is_written_down(
    two_months: Experiment,
) -> None:
    """The events may be there still, or half of them: no answer may depend on it."""
    PrunedMonth.objects.create(month=date(2026, 1, 1), events=2)
    with pytest.raises(EventsPruned):
        results_for(two_months, first=date(2026, 1, 1), last=date(2026, 1, 31))
