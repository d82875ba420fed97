"""Two people editing at once: the second is told, loses nothing, and may save over it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.differences import variant_differences
from dashboard.tests.browser import form_of, path_of, post_part
from experiments import services
from experiments.lifecycle import Transition
from experiments.models import Experiment
from experiments.services import VariantDraft
from experiments.tests.factories import CONTENT, ExperimentFactory, ToggleFactory
from experiments.toggles import update_toggle

pytestmark = pytest.mark.django_db


def save(client: Client, experiment: Experiment, data: dict[str, Any]) -> Any:
    return post_part(client, path_of("experiment-edit", experiment.id), {**data, "save": "on"})


def theirs(experiment: Experiment, **changes: Any) -> None:
    services.update_experiment(experiment_id=experiment.id, **changes)


def test_second_save_is_told_what_differs_and_keeps_what_was_typed(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    mine = form_of(experiment, weights=[30, 70])
    mine["variants-1-name"] = "My name"
    theirs(experiment, traffic_split=[40, 60])

    told = save(editor, experiment, mine)
    page = told.content.decode()
    assert told.status_code == 409
    assert "Somebody else saved this experiment while you were editing" in page
    for label, saved, typed in (
        ("variant_1: name", "variant_1", "My name"),
        ("control: share", "40 %", "30 %"),
        ("variant_1: share", "60 %", "70 %"),
    ):
        assert f'<th role="rowheader" scope="row">{label}</th>' in page
        assert f'<td role="cell" data-label="Saved now">{saved}</td>' in page
        assert f'<td role="cell" data-label="What you typed">{typed}</td>' in page
    assert 'name="variants-1-name" value="My name"' in page
    assert "Save mine over it" in page
    assert list(experiment.variants.values_list("weight", flat=True)) == [40, 60]


def test_save_over_it_is_possible_once_it_was_told(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    mine = form_of(experiment, weights=[30, 70])
    theirs(experiment, traffic_split=[40, 60])
    page = save(editor, experiment, mine).content.decode()
    experiment.refresh_from_db()
    assert f'name="version" value="{experiment.version}"' in page

    again = save(editor, experiment, {**mine, "version": experiment.version})
    assert "HX-Redirect" in again.headers
    assert list(experiment.variants.values_list("weight", flat=True)) == [30, 70]


def test_third_editor_in_between_is_told_of_again(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    mine = form_of(experiment, weights=[30, 70])
    for split in ([40, 60], [45, 55]):
        theirs(experiment, traffic_split=split)
    stale = {**mine, "version": experiment.version + 1}
    assert save(editor, experiment, stale).status_code == 409


def test_conflict_without_htmx_shows_the_whole_page(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    mine = form_of(experiment, weights=[30, 70], save="on")
    theirs(experiment, traffic_split=[41, 59])
    response: Any = editor.post(path_of("experiment-edit", experiment.id), mine)
    assert response.status_code == 409
    assert "<html" in response.content.decode()
    assert "41 %" in response.content.decode()


def test_conflict_with_the_same_variants_says_so(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    mine = form_of(experiment, weights=[30, 70])
    theirs(experiment, traffic_split=[30, 70])
    page = save(editor, experiment, mine).content.decode()
    assert "What you typed is the same as what is saved now." in page


def test_conflict_with_a_completion_leaves_what_was_typed_to_read_and_nothing_to_save(
    editor: Client,
) -> None:
    experiment = ExperimentFactory.create()
    mine = form_of(experiment, weights=[10, 90], confirmed="split")
    services.transition_experiment(experiment_id=experiment.id, transition=Transition.COMPLETE)
    page = save(editor, experiment, mine).content.decode()
    assert "This experiment is completed." in page
    assert '<td role="cell" data-label="What you typed">90 %</td>' in page
    assert "variants-0-weight" not in page


def test_second_save_of_the_question_is_told_and_may_be_saved_over(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[], name="Before")
    path = path_of("experiment-question", experiment.id)
    mine = {"name": "My name", "change": "shorten it", "version": experiment.version}
    theirs(experiment, name="Their name", hypothesis="If we wait\nthen it passes")

    told = post_part(editor, path, {**mine, "save": "on"})
    page = told.content.decode()
    assert told.status_code == 409
    assert '<td role="cell" data-label="Saved now">Their name</td>' in page
    assert '<td role="cell" data-label="What you typed">If we shorten it</td>' in page
    assert 'name="name" value="My name"' in page
    experiment.refresh_from_db()
    assert experiment.name == "Their name"

    again = post_part(editor, path, {**mine, "version": experiment.version, "save": "on"})
    assert "HX-Redirect" in again.headers
    experiment.refresh_from_db()
    assert (experiment.name, experiment.hypothesis) == ("My name", "If we shorten it")


def test_differences_name_variants_that_came_went_or_changed() -> None:
    experiment = ExperimentFactory.create(through=[], split=[40, 30, 30], content=CONTENT)
    control, first, _second = experiment.variants.all()
    typed = [
        VariantDraft("control", 40, "Said", {}, control.id),
        VariantDraft("variant_1", 30, "", {"hero_badge": "New"}, first.id),
        VariantDraft("Fresh", 30),
    ]
    found = variant_differences(experiment, typed)
    assert [(d.label, d.saved, d.typed) for d in found] == [
        ("control: description", "(empty)", "Said"),
        ("variant_1: Hero badge", "(the default)", "New"),
        ("variant_1: Hero headline", "A treatment's headline", "(the default)"),
        ("Variant Fresh", "(not there)", "30 %"),
        ("Variant variant_2", "30 %", "(not there)"),
    ]


def test_second_description_of_a_toggle_is_told_and_may_be_saved_over(editor: Client) -> None:
    toggle = ToggleFactory.create(description="At first")
    path = path_of("toggle-edit", toggle.id)
    update_toggle(toggle_id=toggle.id, description="Theirs", version=1)

    typed = {"description": "Mine", "rollout": 100}
    told = post_part(editor, path, {**typed, "version": 1})
    page = told.content.decode()
    assert told.status_code == 409
    assert "Somebody else changed this toggle while you were editing" in page
    assert '<td role="cell" data-label="Saved now">Theirs</td>' in page
    assert ">\nMine</textarea>" in page
    assert 'name="version" value="2"' in page

    assert "HX-Redirect" in post_part(editor, path, {**typed, "version": 2}).headers
    toggle.refresh_from_db()
    assert toggle.description == "Mine"
