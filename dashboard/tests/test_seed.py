from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from dashboard import seeding
from experiments import roles, services
from experiments.content import KEYS
from experiments.lifecycle import Status, Transition
from experiments.models import Assignment, Experiment, Toggle
from experiments.services import VariantDraft
from experiments.toggles import update_toggle
from metrics import recount
from metrics.models import Event
from metrics.results import results_for


def the_experiment() -> Experiment:
    return Experiment.objects.with_variants().get(pk="a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")


def state() -> dict[str, Any]:
    return {
        "experiments": list(Experiment.objects.values()),
        "variants": list(the_experiment().variants.values()),
        "toggles": list(Toggle.objects.values()),
        "people": list(User.objects.values()),
    }


@pytest.mark.django_db
def test_seed_fresh_installation_has_all_that_is_promised() -> None:
    call_command("seed")
    experiment = the_experiment()
    assert (experiment.name, experiment.status) == ("Homepage Hero Test", Status.ACTIVE)
    assert experiment.description == (
        "Test different hero section messaging for conversion optimization"
    )
    control, variant = experiment.variants.all()
    assert [(v.name, v.description, v.weight) for v in (control, variant)] == [
        ("control", "Original hero messaging", 50),
        ("variant_a", "Benefits-focused messaging", 50),
    ]
    toggles = {t.key: t.enabled for t in Toggle.objects.all()}
    assert toggles == {
        "show_hero_banner": True,
        "enable_social_proof": True,
        "cta_style_aggressive": False,
    }
    assert all(Toggle.objects.values_list("description", flat=True))
    staff = authenticate(username="staff", password="staff")
    assert staff is not None
    assert roles.can_edit(staff)


@pytest.mark.django_db
def test_seed_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed")
    before = state()
    capsys.readouterr()
    call_command("seed")
    assert state() == before
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_seed_leaves_what_staff_have_changed() -> None:
    call_command("seed")
    services.transition_experiment(experiment_id=seeding.EXPERIMENT_ID, transition=Transition.PAUSE)
    toggle = Toggle.objects.get(key="cta_style_aggressive")
    update_toggle(toggle_id=toggle.id, enabled=True)
    before = state()
    call_command("seed")
    assert state() == before


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [[], [0], [1]])
def test_seed_half_filled_database_is_filled_up(kept: list[int]) -> None:
    call_command("seed")
    the_experiment().variants.exclude(position__in=kept).delete()
    Toggle.objects.exclude(key="enable_social_proof").delete()
    User.objects.all().delete()
    call_command("seed")
    names = [(v.position, v.name, v.weight) for v in the_experiment().variants.all()]
    assert names == [(0, "control", 50), (1, "variant_a", 50)]
    assert Toggle.objects.count() == 3
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_seed_beside_an_experiment_on_the_same_content_leaves_a_draft(
    capsys: pytest.CaptureFixture[str],
) -> None:
    taken = {next(iter(seeding.BENEFITS)): "Taken"}
    services.create_experiment(
        name="First come",
        variants=[VariantDraft("a", 50, content=taken), VariantDraft("b", 50)],
        start=True,
    )
    call_command("seed")
    assert the_experiment().status == Status.DRAFT
    assert "stays a draft: “First come” is running" in capsys.readouterr().out


@pytest.mark.django_db
def test_seed_in_production_makes_no_known_password(settings: Any) -> None:
    settings.IS_PRODUCTION = True
    call_command("seed")
    assert not User.objects.exists()
    assert the_experiment().status == Status.ACTIVE


def test_seeded_content_is_what_the_page_can_show() -> None:
    control, variant = seeding.VARIANTS
    assert set(control.content) == set(variant.content) <= set(KEYS)
    assert all(control.content[key] != variant.content[key] for key in variant.content)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_seed_visitors_are_counted_exactly_and_the_same_for_one_seed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["--visitors", "700", "--days", "40", "--lift", "0.15", "--seed", "7"]
    call_command("seed", *arguments)
    assert re.search(r"700 visitors over 40 days", capsys.readouterr().out)
    experiment = the_experiment()
    assert results_for(experiment).total_visitors == Assignment.objects.count() == 700
    assert recount.differences() == []
    events = set(Event.objects.values_list("id", "created_at"))
    assert experiment.started_at is not None
    assert min(moment for _, moment in events) >= experiment.started_at
    call_command("seed", *arguments)
    assert set(Event.objects.values_list("id", "created_at")) == events
    call_command("seed", "--visitors", "10", "--seed", "8")
    assert Assignment.objects.count() == 710


@pytest.mark.django_db
def test_seed_visitors_for_a_paused_experiment_are_refused() -> None:
    call_command("seed")
    services.transition_experiment(experiment_id=seeding.EXPERIMENT_ID, transition=Transition.PAUSE)
    with pytest.raises(CommandError, match="is paused: only an active experiment"):
        call_command("seed", "--visitors", "5")
    with pytest.raises(CommandError, match="--days are 1 or more"):
        call_command("seed", "--visitors", "5", "--days", "0")
