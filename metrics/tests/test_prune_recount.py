"""What a recount can and can't say once raw events were pruned."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from experiments.models import Experiment
from metrics import counts, recount
from metrics.models import DailyCount, Event, FirstOccurrence
from metrics.tests.months import moment_in
from metrics.tests.pruned import NEXT, prune, results

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("only_usual_months")]


def test_recount_check_after_a_prune_says_what_it_no_longer_checks(
    two_months: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    prune()
    capsys.readouterr()
    call_command("recount", "--check")
    printed = capsys.readouterr().out
    assert "Not checked: what 2026-01 counted (2 events)" in printed
    assert "The counts equal the raw events." in printed


@pytest.mark.parametrize(
    ("table", "field", "value", "found"),
    [
        (DailyCount, "events", 9, "events of a day"),
        (DailyCount, "visitors", 9, "first occurrences of a day"),
        (FirstOccurrence, "occurred_at", moment_in(NEXT, 3), "first occurrences without an event"),
    ],
)
def test_recount_check_after_a_prune_still_finds_what_it_can(
    two_months: Experiment,
    table: type[DailyCount | FirstOccurrence],
    field: str,
    value: object,
    found: str,
) -> None:
    prune()
    where = {"day__month": 2} if table is DailyCount else {"occurred_at__month": 2}
    assert table.objects.filter(**where).update(**{field: value})
    assert found in {d.what for d in recount.differences()}
    recount.rebuild()
    assert recount.differences() == []


def test_recount_check_after_a_prune_finds_a_lost_first_occurrence(two_months: Experiment) -> None:
    prune()
    visitor = Event.objects.values_list("visitor_id", flat=True)[0]
    FirstOccurrence.objects.filter(visitor_id=visitor, kind="exposure").delete()
    assert {d.what for d in recount.differences()} == {"first occurrences of a day"}


def test_rebuild_after_a_prune_keeps_what_it_cannot_recount(
    two_months: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    totals, firsts = counts.totals_for(two_months.id), results()[1]
    prune()
    DailyCount.objects.filter(day__month=2).delete()
    FirstOccurrence.objects.filter(occurred_at__month=2).delete()
    call_command("recount")
    assert "Kept as it was: what 2026-01 counted (2 events)" in capsys.readouterr().out
    assert counts.totals_for(two_months.id) == totals
    assert results()[1] == firsts
    assert recount.differences() == []
