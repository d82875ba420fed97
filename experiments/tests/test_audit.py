"""The audit log's entries: what each table's changes leave behind, and what nobody can do to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from experiments import plans, services, toggles, tokens
from experiments.models import Experiment, Invitation, Plan
from experiments.plans import PlanDraft
from experiments.services import VariantDraft
from experiments.tests.audit import entries_since
from experiments.tests.factories import ExperimentFactory, ToggleFactory, UserFactory, variants_of

pytestmark = pytest.mark.django_db

PLAN = PlanDraft(baseline_rate=0.1, minimum_lift=0.2, power=0.8, visitors_per_variant=3800)


def drafts_of(experiment: Experiment, **changes: Any) -> list[VariantDraft]:
    """Return an experiment's variants as they are, with `changes` to the last one."""
    drafts = [
        {"name": v.name, "weight": v.weight, "content": v.content, "id": v.id}
        for v in variants_of(experiment)
    ]
    drafts[-1] |= changes
    return [VariantDraft(**draft) for draft in drafts]


def test_toggle_made_switched_and_deleted_leaves_three_entries() -> None:
    with entries_since() as entries:
        toggle = toggles.create_toggle(key="a_toggle", description="What it does")
        toggles.update_toggle(toggle_id=toggle.id, enabled=True)
        toggles.delete_toggle(toggle_id=toggle.id)
    made, switched, deleted = entries
    assert [entry.action for entry in entries] == ["created", "changed", "deleted"]
    assert {(e.object_type, e.object_id, e.object_name) for e in entries} == {
        ("toggle", str(toggle.id), "a_toggle")
    }
    assert (made.before, made.after) == (
        None,
        {
            "id": str(toggle.id),
            "key": "a_toggle",
            "enabled": False,
            "description": "What it does",
            "rollout": 100,
            "turns_on_at": None,
            "turns_off_at": None,
            "reason": "",
        },
    )
    assert (switched.before, switched.after) == ({"enabled": False}, {"enabled": True})
    assert (deleted.before, deleted.after) == ({**(made.after or {}), "enabled": True}, None)


def test_save_that_changes_nothing_but_the_version_leaves_no_entry() -> None:
    toggle, experiment = ToggleFactory.create(), ExperimentFactory.create()
    with entries_since() as entries:
        toggles.update_toggle(toggle_id=toggle.id, enabled=toggle.enabled)
        services.update_experiment(experiment_id=experiment.id, name=experiment.name)
    assert entries == []
    toggle.refresh_from_db()
    assert toggle.version == 2


def test_experiment_made_and_started_leaves_entries_of_all_its_parts() -> None:
    with entries_since() as entries:
        experiment = ExperimentFactory.create(split=[70, 30])
    kinds = [(entry.object_type, entry.action) for entry in entries]
    assert {
        ("experiment", "created"),
        ("variant", "created"),
        ("goal", "created"),
        ("experiment", "changed"),
        ("phase", "created"),
    } == set(kinds)
    assert {entry.experiment_id for entry in entries} == {experiment.id}
    [phase] = [entry for entry in entries if entry.object_type == "phase"]
    assert (phase.object_id, phase.object_name) == (f"{experiment.id}/1", "1")
    started = next(e for e in entries if e.action == "changed")
    assert started.after is not None
    assert started.after.keys() == {"status", "started_at"}


def test_split_and_content_leave_the_changed_fields_with_the_whole_split() -> None:
    experiment = ExperimentFactory.create(split=[50, 30, 20])
    with entries_since() as entries:
        services.update_experiment(experiment_id=experiment.id, traffic_split=[50, 10, 40])
    # In whatever order PostgreSQL comes to the rows of one statement.
    changed = {entry.object_id: entry for entry in entries if entry.object_type == "variant"}
    ids = [str(variant.id) for variant in variants_of(experiment)]
    assert {id_: (entry.before, entry.after) for id_, entry in changed.items()} == {
        ids[1]: ({"weight": 30}, {"weight": 10}),
        ids[2]: ({"weight": 20}, {"weight": 40}),
    }
    for entry in changed.values():
        assert entry.split == [[ids[0], 50], [ids[1], 10], [ids[2], 40]]
    # The phase of before ends, and another begins.
    assert [e.action for e in entries if e.object_type == "phase"] == ["changed", "created"]


def test_content_and_name_of_a_variant_leave_what_they_were_and_are() -> None:
    experiment = ExperimentFactory.create(split=[50, 50], content={"hero_badge": "Old"})
    with entries_since() as entries:
        drafts = drafts_of(experiment, name="Louder", content={"hero_badge": "New"})
        services.update_experiment(experiment_id=experiment.id, variants=drafts)
    [changed] = [entry for entry in entries if entry.object_type == "variant"]
    assert changed.object_name == "Louder"
    assert changed.before == {"name": "variant_1", "content": {"hero_badge": "Old"}}
    assert changed.after == {"name": "Louder", "content": {"hero_badge": "New"}}
    assert changed.split is None


def test_variant_removed_from_a_draft_leaves_its_whole_row() -> None:
    experiment = ExperimentFactory.create(split=[50, 30, 20], through=[])
    with entries_since() as entries:
        kept = drafts_of(experiment)[:2]
        drafts = [VariantDraft(name=d.name, weight=50, id=d.id) for d in kept]
        services.update_experiment(experiment_id=experiment.id, variants=drafts)
    removed = entries[-1]
    assert (removed.action, removed.object_name) == ("deleted", "variant_2")
    assert removed.before is not None
    assert (removed.before["weight"], removed.before["position"]) == (20, 2)
    assert [weight for _id, weight in removed.split or []] == [50, 50]


def test_plan_kept_changed_frozen_and_dropped_leaves_entries() -> None:
    experiment = ExperimentFactory.create(through=[])
    with entries_since() as entries:
        plans.save_plan(experiment_id=experiment.id, plan=PLAN)
        plans.start_experiment(
            experiment_id=experiment.id,
            plan=PlanDraft(**{**_fields_of(PLAN), "visitors_per_variant": 4000}),
        )
        Plan.objects.filter(experiment=experiment).delete()
    plan = [entry for entry in entries if entry.object_type == "plan"]
    assert [entry.action for entry in plan] == ["created", "changed", "changed", "deleted"]
    assert plan[1].after == {"visitors_per_variant": 4000}
    assert (plan[2].after or {}).keys() == {"frozen_at"}
    assert {entry.experiment_id for entry in plan} == {experiment.id}


def _fields_of(plan: PlanDraft) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in PlanDraft.__slots__}


def test_goal_renamed_leaves_an_entry_and_its_backfill_none() -> None:
    experiment = ExperimentFactory.create(through=[])
    goal = experiment.goals.get()
    with entries_since() as entries:
        goal.backfilled_at = timezone.now()
        goal.save()
        goal.name = "Sign-ups"
        goal.save()
        goal.delete()
    assert [(e.action, e.object_name) for e in entries] == [
        ("changed", "Sign-ups"),
        ("deleted", "Sign-ups"),
    ]
    assert entries[0].before == {"name": "Sign-up or CTA click"}


def test_token_leaves_entries_without_its_hash() -> None:
    with entries_since() as entries:
        token, _text = tokens.create_token(name="Nightly report")
        tokens.revoke_token(token_id=token.id)
        token.secret_hash = "0" * 64
        token.save()
    made, revoked, rehashed = entries
    assert (made.after or {})["secret_hash"] == "hidden"
    assert (revoked.after or {}).keys() == {"revoked_at"}
    assert (rehashed.before or {})["secret_hash"] == "hidden"
    assert token.secret_hash not in repr([(e.before, e.after) for e in entries])


def test_person_leaves_entries_without_password_and_sign_ins() -> None:
    with entries_since() as entries:
        user = UserFactory.create(username="maria", email="maria@example.org")
        user.last_login = timezone.now()
        user.save()
        user.set_password("another horse battery")
        user.save()
        user.is_active = False
        user.save()
        user.delete()
    assert [e.action for e in entries] == ["created", "changed", "changed", "deleted"]
    assert (entries[0].after or {})["email"] == "maria@example.org"
    assert entries[1].after == {"password": "hidden"}
    assert entries[2].after == {"is_active": False}
    assert "md5" not in repr([(e.before, e.after) for e in entries])
    assert {(e.object_type, e.object_name) for e in entries} == {("person", "maria")}


def test_roles_are_changes_of_the_person() -> None:
    user = UserFactory.create(username="maria")
    viewers, editors = (
        Group.objects.get_or_create(name=name)[0] for name in ("viewers", "editors")
    )
    with entries_since() as entries:
        user.groups.add(viewers)
        user.groups.add(viewers)
        user.groups.set([editors])
        User.groups.through.objects.filter(user=user).update(group=viewers)
        user.groups.add(editors)
        user.groups.clear()
        user.groups.add(viewers, editors)
    assert [(e.before, e.after) for e in entries] == [
        ({"roles": was}, {"roles": becomes})
        for was, becomes in (
            ([], ["viewers"]),
            (["viewers"], []),
            ([], ["editors"]),
            (["editors"], ["viewers"]),
            (["viewers"], ["editors", "viewers"]),
            (["editors", "viewers"], []),
            ([], ["editors", "viewers"]),
        )
    ]
    assert {(e.object_type, e.object_id) for e in entries} == {("person", str(user.pk))}


def test_invitation_leaves_entries_without_secret_and_address() -> None:
    with entries_since() as entries:
        invitation = Invitation.objects.create(
            role="viewers",
            email="somebody@example.org",
            secret_hash="s" * 64,
            invited_by=UserFactory.create(),
            expires_at=timezone.now() + timedelta(days=7),
        )
        invitation.delete()
    invited, withdrawn = (e for e in entries if e.object_type == "invitation")
    assert (invited.object_name, withdrawn.action) == ("viewers", "deleted")
    assert "somebody@example.org" not in repr((invited.after, withdrawn.before))
    assert "s" * 64 not in repr((invited.after, withdrawn.before))
