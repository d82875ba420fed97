"""The first page: what runs, what wants attention, which toggles were changed; when it has news."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.tests.browser import HTMX, path_of
from experiments import plans
from experiments.copies import archive_experiment
from experiments.models import Experiment
from experiments.tests.audit import new_change
from experiments.tests.factories import ExperimentFactory, ToggleFactory
from experiments.toggles import update_toggle
from metrics.models import DailyCount
from metrics.tests.counted import age, count_visitors
from metrics.tests.factories import assigned_visitor, event_of, record_one
from metrics.tests.verdicts import PLAN, case, counted

pytestmark = pytest.mark.django_db


def page_of(client: Client) -> str:
    response: Any = client.get(path_of("home"))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def attention_in(page: str) -> list[str]:
    """Return the headlines of what wants attention."""
    return re.findall(r'class="card is-toned [^>]*>.*?<h3>(.*?)</h3>', page)


def left_alone(experiment: Experiment, *, for_: timedelta) -> None:
    Experiment.objects.filter(pk=experiment.pk).update(updated_at=timezone.now() - for_)


def report_from(experiment: Experiment, *, ago: timedelta) -> None:
    own = assigned_visitor(experiment)
    record_one(event_of(experiment, *own, moment=timezone.now() - ago))


def test_fresh_installation_welcomes_with_one_next_step(editor: Client, viewer: Client) -> None:
    page = page_of(editor)
    assert "Create your first experiment" in page
    assert page.count(f'href="{path_of("experiment-create")}"') == 1
    assert "What runs now" not in page
    page = page_of(viewer)
    assert "Create your first experiment" not in page
    assert "Once an editor has made one" in page


def test_what_runs_is_shown_with_its_verdict_progress_and_visitors_of_today(
    viewer: Client,
) -> None:
    experiment = case("before_planned_end")
    count_visitors(experiment, (20, 1), (22, 2))
    ExperimentFactory.create(name="A draft", through=[])
    ExperimentFactory.create(name="Completed", through=["start", "complete"])
    page = page_of(viewer)
    assert experiment.name in page
    assert "Undecided so far" in page
    assert "<strong>42</strong> new visitors today" in page
    assert "4,042 of 7,682 visitors" in page
    assert "at this pace until" in page
    assert page.count('class="card home-card"') == 1
    assert attention_in(page) == []
    assert "New experiment" not in page


def test_paused_experiment_and_one_without_a_plan_say_so(editor: Client) -> None:
    count_visitors(ExperimentFactory.create(through=["start", "pause"]), (3, 0), (4, 0))
    ExperimentFactory.create()
    page = page_of(editor)
    assert '<span class="badge is-paused">Paused</span>' in page
    assert "7 visitors so far, no plan" in page
    assert "No visitor yet" in page
    assert "New experiment" in page


def test_nothing_running_leads_to_the_drafts(editor: Client) -> None:
    ExperimentFactory.create(through=[])
    page = page_of(editor)
    assert "Nothing runs: every visitor sees the same page." in page
    assert "Look at the draft" in page
    assert attention_in(page) == []
    assert "Nothing. All is as it should be." in page


@pytest.mark.parametrize(
    ("name", "headline", "label"),
    [
        ("sample_ratio_mismatch", "didn&#x27;t arrive as the split asks", "Look at the results"),
        ("early_winner", "variant_1", "Decide"),
        ("early_loser", "variant_1", "Decide"),
        ("winner", "variant_1", "Decide"),
        ("loser", "variant_1", "Decide"),
        ("at_planned_end", "", "Decide"),
    ],
)
def test_verdict_that_asks_for_a_decision_wants_attention(
    viewer: Client, name: str, headline: str, label: str
) -> None:
    case(name)
    page = page_of(viewer)
    [told] = attention_in(page)
    assert headline in told
    assert f">{label}<" in page


def test_harm_wants_attention_before_everything_else(viewer: Client) -> None:
    case("winner")
    harmful = ExperimentFactory.create(name="Harmful", through=[])
    harmful.goals.create(
        name="Sign-ups",
        role="guardrail",
        harm="decrease",
        position=1,
        kind="form_submit",
        event_types=["form_submit"],
        measure=harmful.goals.get().measure,
    )
    plans.start_experiment(experiment_id=harmful.id, plan=PLAN)
    age(harmful, 9)
    count_visitors(harmful, (3000, 300), (3000, 310), days_ago=1)
    for variant, sign_ups in zip(harmful.variants.all(), (400, 150), strict=True):
        DailyCount.objects.filter(variant=variant, kind="page_view").update(
            kind="form_submit", events=sign_ups, visitors=sign_ups
        )
    first, _winner = attention_in(page_of(viewer))
    assert "does harm" in first


def test_plan_that_takes_longer_than_planned_wants_attention(viewer: Client) -> None:
    counted((2000, 200), (2000, 210), days=16)
    page = page_of(viewer)
    assert attention_in(page) == ["It takes longer than planned"]
    assert "4,000 of 7,682 visitors came in 16 days." in page


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("last_event", "changed", "through", "is_told"),
    [
        (timedelta(minutes=61), 2 * HOUR, ["start"], True),
        (None, 2 * HOUR, ["start"], True),
        (timedelta(minutes=58), 2 * HOUR, ["start"], False),
        # Resumed half an hour ago.
        (None, HOUR / 2, ["start"], False),
        (None, 2 * HOUR, ["start", "pause"], False),
    ],
)
def test_running_without_an_event_in_the_last_hour_wants_attention(
    viewer: Client,
    last_event: timedelta | None,
    changed: timedelta,
    through: list[str],
    is_told: bool,
) -> None:
    experiment = ExperimentFactory.create(through=through)
    if last_event:
        report_from(experiment, ago=last_event)
    age(experiment, 3)
    left_alone(experiment, for_=changed)
    page = page_of(viewer)
    assert attention_in(page) == (["No events in the last hour"] if is_told else [])
    assert (f'href="/dashboard/events/?experiment={experiment.id}"' in page) is is_told


def test_silence_of_one_that_began_within_the_hour_is_none(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    left_alone(experiment, for_=2 * HOUR)
    assert attention_in(page_of(viewer)) == []


def test_forgotten_drafts_want_attention_together(viewer: Client) -> None:
    drafts = [ExperimentFactory.create(name=f"Draft {n}", through=[]) for n in range(4)]
    left_alone(drafts[0], for_=timedelta(days=8))
    assert attention_in(page_of(viewer)) == ["A draft was left alone for a week"]
    for draft in drafts[1:]:
        left_alone(draft, for_=timedelta(days=8))
    page = page_of(viewer)
    assert attention_in(page) == ["4 drafts were left alone for a week"]
    assert "Draft 3, Draft 2, Draft 1…" in page
    for draft in drafts:
        archive_experiment(experiment_id=draft.id)
    assert attention_in(page_of(viewer)) == []


def test_toggles_changed_today_are_shown_with_who_and_why(viewer: Client) -> None:
    toggle = ToggleFactory.create(key="show_hero_banner")
    ExperimentFactory.create()
    new_change()
    update_toggle(toggle_id=toggle.id, enabled=True, reason="The launch")
    page = page_of(viewer)
    assert "Toggles changed in the last 24 hours" in page
    assert "Toggle show_hero_banner: off\u00a0→ on".replace("\u00a0", " ") in page
    assert "Reason: “The launch”" in page


def test_page_needs_as_many_queries_for_ten_experiments_as_for_one(editor: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page_of(editor)
        return len(found)

    def one_more() -> None:
        experiment = ExperimentFactory.create()
        count_visitors(experiment, (5, 1), (6, 2))
        age(experiment, 2)
        left_alone(experiment, for_=2 * HOUR)

    ToggleFactory.create()
    one_more()
    page_of(editor)  # A session's first request writes to it.
    for_one = queries()
    for _ in range(9):
        one_more()
    assert queries() == for_one
    # Session, user, groups; experiments, variants, goals, phases, counts; plans, looks; silence
    # in four steps; new visitors, pages; the log's changes, their entries; what was decided.
    assert for_one == 19


def test_poll_answers_204_until_there_is_something_to_say(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    page = page_of(viewer)
    path = re.search(r'data-polls hx-get="([^"]+)"', page)
    assert path
    assert viewer.get(path[1], headers=HTMX).status_code == 204
    count_visitors(experiment, (1, 0), (1, 0))
    answer: Any = viewer.get(path[1], headers=HTMX)
    part = answer.content.decode()
    assert answer.status_code == 200
    assert part.strip().startswith('<div id="home"')
    assert "<strong>2</strong> new visitors today" in " ".join(part.split())
