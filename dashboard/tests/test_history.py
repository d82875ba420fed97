"""The history's pages: what they show, filters, and pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dashboard.tests.browser import path_of
from dashboard.tests.history import MARIA, NIGHTLY, SEED, make_toggles, page, sentences_in
from experiments import audit, services, toggles
from experiments.actors import acting
from experiments.audit import AuditFilter, page_of
from experiments.models import AuditEntry, Experiment
from experiments.models.audit import AuditedKind
from experiments.tests.audit import new_change
from experiments.tests.factories import ExperimentFactory, ToggleFactory

pytestmark = pytest.mark.django_db


def test_history_tells_who_changed_what_when_with_both_sides(editor: Client) -> None:
    toggle = ToggleFactory.create(key="show_hero")
    new_change()
    with acting(MARIA):
        toggles.update_toggle(toggle_id=toggle.id, description="<b>The hero</b>")
    text = page(editor, kind="toggle", who="person:maria").content.decode()
    assert "<strong>maria</strong>" in text
    assert f"{timezone.now():%H:}" in text
    assert 'data-moment="minute">' in text
    # What people wrote is text, also here.
    assert "&lt;b&gt;The hero&lt;/b&gt;" in text
    assert "<b>The hero" not in text
    assert 'data-label="Before"><span>(empty)</span>' in text


def test_history_shows_the_newest_first_by_day(editor: Client) -> None:
    told = make_toggles(3)
    response = page(editor, kind="toggle")
    assert sentences_in(response)[:3] == told
    [(day, _changes)] = response.context["days"]
    assert day == datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"kind": "toggle"}, {"by maria", "by token", "by seed"}),
        ({"who": "person:maria"}, {"by maria", "experiment"}),
        ({"who": "token:nightly: 2"}, {"by token"}),
        ({"who": "command:seed", "kind": "toggle"}, {"by seed"}),
        ({"who": "person:nobody"}, set()),
        ({"kind": "experiment"}, {"experiment"}),
        ({"experiment": "the one"}, {"experiment"}),
        ({"experiment": "the one", "kind": "toggle"}, set()),
        ({"experiment": "00000000-0000-4000-8000-000000000000"}, set()),
        ({"first": "today", "kind": "toggle"}, {"by maria", "by token", "by seed"}),
        ({"first": "today", "last": "today", "kind": "experiment"}, {"experiment"}),
        ({"first": "tomorrow"}, set()),
        ({"last": "yesterday"}, set()),
    ],
    ids=repr,
)
def test_filter_shows_what_matches_all_of_it(
    editor: Client, query: dict[str, str], shown: set[str]
) -> None:
    expected = {}
    for name, actor in (("by maria", MARIA), ("by token", NIGHTLY), ("by seed", SEED)):
        [expected[name]] = make_toggles(1, actor)
    new_change()
    with acting(MARIA):
        experiment = ExperimentFactory.create(name="The one", through=[])
    # Where only experiments are shown, nothing is known of the variants.
    expected["experiment"] = (
        "Experiment made"
        if query.get("kind")
        else "Experiment made, with 2 variants, split 50 / 50"
    )
    today = datetime.now(UTC).date()
    words = {
        "the one": str(experiment.id),
        "today": str(today),
        "yesterday": str(today - timedelta(days=1)),
        "tomorrow": str(today + timedelta(days=1)),
    }
    response = page(editor, **{name: words.get(value, value) for name, value in query.items()})
    assert response.status_code == 200
    told = sentences_in(response)
    assert {name for name, sentence in expected.items() if sentence in told} == shown


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"kind": "visitors"}, "Choose what to show from the list."),
        ({"experiment": "that one"}, "Choose an experiment from the list."),
        ({"first": "31.3."}, "Give a day as year-month-day, such as 2026-03-31."),
        ({"first": "2026-04-01", "last": "2026-03-31"}, "The last day is before the first."),
        ({"last": "9999-99-99"}, "Give a day as year-month-day"),
    ],
    ids=repr,
)
def test_filter_that_can_not_be_is_told_beside_the_field(
    editor: Client, query: dict[str, str], sentence: str
) -> None:
    for name in ("history", "history-export"):
        response = page(editor, name, **query)
        assert response.status_code == 422
        assert sentence in response.content.decode()


@pytest.mark.parametrize("last", ["9999-12-31", "0001-01-01"])
def test_filter_by_the_last_days_there_are_is_answered(editor: Client, last: str) -> None:
    assert page(editor, first="0001-01-01", last=last).status_code == 200


def test_pages_follow_each_other_without_gap_or_repeat(editor: Client) -> None:
    told = make_toggles(audit.PAGE_SIZE * 2 + 5)
    pages, response = [], page(editor, kind="toggle")
    while True:
        pages.append(sentences_in(response))
        older = response.context["older_url"]
        if not older:
            break
        # What comes meanwhile moves nothing.
        make_toggles(1)
        response = editor.get(path_of("history") + older)
    assert [len(one) for one in pages] == [25, 25, 5]
    assert [sentence for one in pages for sentence in one] == told
    back = editor.get(path_of("history") + response.context["newer_url"])
    assert sentences_in(back) == pages[1]
    assert "kind=toggle" in back.context["newer_url"]
    newest = editor.get(path_of("history") + back.context["newer_url"])
    assert sentences_in(newest) == pages[0]
    # The two that came meanwhile are newer still.
    assert newest.context["newer_url"]
    newest = editor.get(path_of("history") + newest.context["newer_url"])
    assert newest.context["newer_url"] == ""
    assert len(sentences_in(newest)) == audit.PAGE_SIZE


def test_page_never_cuts_a_change_in_two() -> None:
    for _ in range(3):
        new_change()
        ExperimentFactory.create(through=[])
    page = page_of(AuditFilter(kind=AuditedKind.VARIANT.value), size=2)
    assert [len(change) for change in page.changes] == [2, 2]
    older = page_of(AuditFilter(kind=AuditedKind.VARIANT.value), size=2, before=page.older)
    assert [len(change) for change in older.changes] == [2]
    assert (older.newer, older.older) == (older.changes[0][0].change_id, None)


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "²", "", str(2**63)])
def test_cursor_that_can_not_be_shows_the_newest(editor: Client, cursor: str) -> None:
    told = make_toggles(1)
    for name in ("before", "after"):
        response = page(editor, kind="toggle", **{name: cursor})
        assert sentences_in(response)[:1] == told


def test_experiments_history_shows_its_own_changes_only(viewer: Client) -> None:
    mine, other = ExperimentFactory.create(name="Mine"), ExperimentFactory.create(name="Other")
    new_change()
    services.update_experiment(experiment_id=mine.id, traffic_split=[10, 90])
    new_change()
    services.update_experiment(experiment_id=other.id, name="Yours")
    response = page(viewer, "experiment-history", mine.id)
    told = [sentence.replace("\u00a0", " ") for sentence in sentences_in(response)]
    assert told[:2] == [
        "Traffic split: 50 / 50 → 10 / 90",
        "Phase 2 began: change of the traffic split",
    ]
    assert "Yours" not in response.content.decode()
    export = path_of("history-export") + f"?experiment={mine.id}"
    assert export in response.content.decode()


def test_histories_without_changes_say_so(editor: Client) -> None:
    assert "Nothing like that" in page(editor, who="person:nobody").content.decode()
    other = ExperimentFactory.create(through=[])
    with connection.cursor() as cursor:
        # As one that was made before the log was.
        cursor.execute("SET LOCAL session_replication_role = replica")
        experiment = Experiment.objects.create(name="Older than the log", page=other.page)
        cursor.execute("SET LOCAL session_replication_role = origin")
    for one, told in ((experiment, "appears here"), (other, "made")):
        assert told in page(editor, "experiment-history", one.id).content.decode()


def test_number_of_queries_is_the_same_for_one_change_and_many(
    editor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    experiment = ExperimentFactory.create(through=["start", "complete"], winner=1)
    # The first page of a session renews it.
    page(editor)
    for number in range(2):
        # Session, person, groups; experiments and actors to choose from; the page's changes and
        # their entries; names of experiments, variants, goals and pages.
        with django_assert_num_queries(11):
            page(editor)
        # One for what the experiment's head says, instead of one for the choices above.
        with django_assert_num_queries(11):
            page(editor, "experiment-history", experiment.id)
        for _ in range(10 * (1 - number)):
            new_change()
            ExperimentFactory.create(through=["start", "complete"], winner=1)


def test_actors_are_each_named_once() -> None:
    make_toggles(2)
    make_toggles(2, SEED)
    assert [actor for actor in audit.actors() if actor[0] != "system"] == [
        ("command", "seed"),
        ("person", "maria"),
    ]


def test_day_of_the_filter_is_utc_and_ends_at_midnight() -> None:
    make_toggles(1)
    [entry] = AuditEntry.objects.order_by("-id")[:1]
    day = entry.at.date()
    assert entry in AuditFilter(first=day, last=day).entries()
    assert entry not in AuditFilter(first=day + timedelta(days=1)).entries()
    assert entry not in AuditFilter(last=day - timedelta(days=1)).entries()
    assert AuditFilter(first=date.min, last=date.max).entries().count() >= 1
