"""Changes in sentences: what was done, to what, from what to what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model

from dashboard.figures import NBSP
from dashboard.history.changes import changes_of
from dashboard.history.values import UNTOLD, label_of
from dashboard.tests.history import change_by, told_by
from experiments import copies, plans, services, toggles
from experiments.lifecycle import Transition
from experiments.models import (
    ApiToken,
    Experiment,
    Goal,
    Invitation,
    Page,
    Phase,
    Plan,
    Toggle,
    Variant,
)
from experiments.plans import PlanDraft
from experiments.services import VariantDraft
from experiments.tests.audit import entries_since, new_change
from experiments.tests.factories import (
    ExperimentFactory,
    ToggleFactory,
    variants_of,
)

pytestmark = pytest.mark.django_db

PLAN = PlanDraft(baseline_rate=0.1, minimum_lift=0.2, power=0.8, visitors_per_variant=3841)


def update(experiment: Experiment, **changes: Any) -> Callable[[], Any]:
    return lambda: services.update_experiment(experiment_id=experiment.id, **changes)


def with_last(experiment: Experiment, **changes: Any) -> list[VariantDraft]:
    """Return an experiment's variants as drafts, with changes to the last one."""
    rows = [
        {"id": v.id, "name": v.name, "weight": v.weight, "content": v.content}
        for v in variants_of(experiment)
    ]
    rows[-1] |= changes
    return [VariantDraft(**row) for row in rows]


def test_split_is_told_as_one_change_of_the_whole() -> None:
    experiment = ExperimentFactory.create(through=[])
    assert told_by(update(experiment, traffic_split=[20, 80])) == [
        "Traffic split: 50 / 50 → 20 / 80"
    ]


def test_split_of_which_a_part_stays_is_told_whole_with_its_phase() -> None:
    experiment = ExperimentFactory.create(split=[50, 30, 20])
    assert told_by(update(experiment, traffic_split=[50, 20, 30])) == [
        "Traffic split: 50 / 30 / 20 → 50 / 20 / 30",
        "Phase 2 began: change of the traffic split",
    ]


def test_variants_added_and_removed_are_told_with_the_split() -> None:
    experiment = ExperimentFactory.create(split=[40, 30, 30], through=[])
    first, *_others = with_last(experiment)
    drafts = [
        VariantDraft(id=first.id, name=first.name, weight=60),
        VariantDraft(name="Louder", weight=40),
    ]
    assert told_by(update(experiment, variants=drafts)) == [
        "Traffic split: 40 / 30 / 30 → 60 / 40",
        "Variant “Louder” added",
        "Variant “variant_1” removed",
        "Variant “variant_2” removed",
    ]


def test_variants_that_swap_places_are_told_by_their_split() -> None:
    experiment = ExperimentFactory.create(split=[40, 35, 25], through=[])
    first, second, third = with_last(experiment)
    assert told_by(update(experiment, variants=[first, third, second])) == [
        "Traffic split: 40 / 35 / 25 → 40 / 25 / 35"
    ]


def test_variants_of_one_weight_that_swap_places_are_told_too() -> None:
    experiment = ExperimentFactory.create(split=[40, 30, 30], through=[])
    first, second, third = with_last(experiment)
    assert told_by(update(experiment, variants=[first, third, second])) == ["Put in another order."]


def test_content_is_told_text_by_text_in_the_pages_order() -> None:
    content = {"hero_badge": "Old badge", "cta_label": "Go"}
    experiment = ExperimentFactory.create(content=content, through=[])
    texts = {"hero_badge": "New badge", "hero_headline": "H" * 100}
    change = change_by(update(experiment, variants=with_last(experiment, content=texts)))
    assert [s.replace(NBSP, " ") for s in change.sentences] == [
        "“variant_1”, Hero badge: “Old badge” → “New badge”",
        f"“variant_1”, Hero headline: the default → “{'H' * 59}…”",
        "“variant_1”, CTA wording: “Go” → the default",
    ]
    # In full beside each other.
    assert [(f.label, f.before, f.after) for f in change.fields][1] == (
        "Hero headline",
        "(the default)",
        "H" * 100,
    )


def test_name_description_and_status_are_told_field_by_field() -> None:
    experiment = ExperimentFactory.create(name="Old", through=[])
    change = update(experiment, name="New", description="Why")
    assert told_by(change) == ["Name: “Old” → “New”", "Description: (empty) → “Why”"]
    update(experiment, status="active")()
    assert told_by(update(experiment, status="paused")) == ["Status: Active → Paused"]


def test_archive_is_told_on_the_way_in_and_out() -> None:
    experiment = ExperimentFactory.create(through=[])
    assert told_by(lambda: copies.archive_experiment(experiment_id=experiment.id)) == ["Archived"]
    out = told_by(lambda: copies.restore_experiment(experiment_id=experiment.id))
    assert out == ["Taken out of the archive"]


def test_experiment_made_and_started_is_told_in_short() -> None:
    change = change_by(lambda: ExperimentFactory.create(name="Hero", split=[70, 30]))
    assert change.sentences == ["Experiment made and started, with 2 variants, split 70 / 30"]
    assert ("Goal “Sign-up or CTA click”", "Role", "", "Primary goal") in [
        (f.object, f.label, f.before, f.after) for f in change.fields
    ]
    # Of what is new, only what it has.
    assert [(f.label, f.after) for f in change.fields if f.object == "Experiment"] == [
        ("Name", "Hero"),
        ("Status", "Active"),
        ("Landing page", "Home"),
        ("Started", change.fields[3].after),
    ]
    assert (change.experiment, change.exists) == ("Hero", True)


@pytest.mark.parametrize(("winner", "told"), [(None, "No winner"), (1, "Winner: – → variant_1")])
def test_completing_tells_the_winner(winner: int | None, told: str) -> None:
    experiment = ExperimentFactory.create()
    winner_id = None if winner is None else variants_of(experiment)[winner].id
    assert sorted(
        told_by(
            lambda: services.transition_experiment(
                experiment_id=experiment.id, transition=Transition.COMPLETE, winner_id=winner_id
            )
        )
    ) == sorted(["Status: Active → Completed", told])


def test_plan_is_told_from_its_making_to_its_freezing() -> None:
    experiment = ExperimentFactory.create(through=[])
    save = plans.save_plan
    assert told_by(lambda: save(experiment_id=experiment.id, plan=PLAN)) == [
        "Plan made: 3,841 visitors per variant"
    ]
    other = PlanDraft(baseline_rate=0.12, minimum_lift=0.2, power=0.8, visitors_per_variant=3000)
    assert sorted(told_by(lambda: save(experiment_id=experiment.id, plan=other))) == [
        "Plan: baseline rate: 10.0 % → 12.0 %",
        "Plan: visitors per variant: 3,841 → 3,000",
    ]
    started = told_by(lambda: plans.start_experiment(experiment_id=experiment.id, plan=other))
    assert set(started) == {"Status: Draft → Active", "Plan frozen", "Phase 1 began: start"}


def test_goal_is_told_by_its_name() -> None:
    experiment = ExperimentFactory.create(through=[])
    goal = experiment.goals.get()

    def rename() -> None:
        goal.name = "Sign-ups"
        goal.event_types = ["form_submit"]
        goal.save()

    assert sorted(told_by(rename)) == [
        "“Sign-ups”, event types: CTA clicks, Sign-ups → Sign-ups",
        "“Sign-ups”, name: “Sign-up or CTA click” → “Sign-ups”",
    ]
    assert told_by(goal.delete) == ["Goal “Sign-ups” removed"]


def test_toggle_is_told_by_its_key() -> None:
    made = lambda: toggles.create_toggle(key="show_footer")  # noqa: E731
    assert told_by(made) == ["Toggle show_footer added"]
    toggle = ToggleFactory.create(key="show_hero")
    change = {"toggle_id": toggle.id, "enabled": True, "description": "The hero"}
    assert sorted(told_by(lambda: toggles.update_toggle(**change))) == [
        "Toggle show_hero: off → on",
        "show_hero: description: (empty) → “The hero”",
    ]
    assert told_by(lambda: toggles.delete_toggle(toggle_id=toggle.id)) == [
        "Toggle show_hero removed"
    ]


def test_steps_that_were_undone_within_a_change_are_left_out() -> None:
    toggle = ToggleFactory.create(key="show_hero")

    def there_and_back() -> None:
        toggles.update_toggle(toggle_id=toggle.id, enabled=True, description="New")
        toggles.update_toggle(toggle_id=toggle.id, enabled=False)

    assert told_by(there_and_back) == ["show_hero: description: (empty) → “New”"]


def test_table_emptied_is_told() -> None:
    def empty() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("TRUNCATE experiments_toggle")

    assert told_by(empty) == ["Everything in experiments_toggle deleted at once"]


def test_experiment_that_is_gone_keeps_its_name() -> None:
    experiment = ExperimentFactory.create(name="Gone", through=[])

    def delete() -> None:
        experiment.goals.all().delete()
        experiment.delete()

    change = change_by(delete)
    assert (change.experiment, change.exists) == ("Gone", False)
    assert "Experiment removed" in change.sentences


def test_what_was_done_at_once_to_several_is_told_of_each() -> None:
    first, second = (ExperimentFactory.create(through=[]) for _ in range(2))
    new_change()
    with entries_since() as entries:
        ToggleFactory.create(key="show_hero")
        services.update_experiment(experiment_id=first.id, traffic_split=[40, 60])
        services.update_experiment(experiment_id=second.id, traffic_split=[30, 70])
        services.update_experiment(experiment_id=first.id, traffic_split=[20, 80])
    told = [
        (c.experiment, [s.replace(NBSP, " ") for s in c.sentences]) for c in changes_of([entries])
    ]
    assert told == [
        ("", ["Toggle show_hero added"]),
        (first.name, ["Traffic split: 50 / 50 → 20 / 80"]),
        (second.name, ["Traffic split: 50 / 50 → 30 / 70"]),
    ]


@pytest.mark.parametrize(
    "model", [Experiment, Variant, Goal, Phase, Plan, Page, Toggle, ApiToken, Invitation, User]
)
def test_every_column_that_may_change_has_a_name_for_people(model: type[Model]) -> None:
    columns = {field.attname for field in model._meta.concrete_fields} - UNTOLD
    assert [name for name in columns if label_of(name) == name] == []
