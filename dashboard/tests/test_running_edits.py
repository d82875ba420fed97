"""Edits of a running experiment: a new phase is asked about first, and no variant is lost."""

from __future__ import annotations

import pytest
from django.test import Client

from dashboard.tests.browser import form_of, path_of
from experiments.tests.factories import ExperimentFactory

pytestmark = pytest.mark.django_db


def test_edit_of_a_running_experiment_says_what_opens_a_phase(editor: Client) -> None:
    experiment = ExperimentFactory.create()
    page = editor.get(path_of("experiment-edit", experiment.id)).content.decode()
    assert "A change of split, content or variants opens a new phase" in page
    assert 'name="add"' in page
    assert 'name="remove"' not in page


def test_forced_removal_from_a_running_experiment_changes_nothing(editor: Client) -> None:
    experiment = ExperimentFactory.create(split=[34, 33, 33])
    path = path_of("experiment-edit", experiment.id)
    page = editor.post(path, form_of(experiment, remove="0")).content.decode()
    assert 'value="3" id="id_variants-TOTAL_FORMS"' in page


def test_save_that_opens_a_phase_asks_first_and_keeps_what_was_typed(editor: Client) -> None:
    experiment = ExperimentFactory.create(name="Running")
    path = path_of("experiment-edit", experiment.id)
    typed = form_of(experiment, weights=[20, 80], save="on")
    typed["variants-1-name"] = "Renamed too"
    asked = editor.post(path, typed)
    page = asked.content.decode()
    assert asked.status_code == 200
    assert "Saving this opens a new phase" in page
    assert "the traffic split while the experiment runs" in page
    assert 'value="Renamed too"' in page
    assert 'name="variants-0-weight" value="20"' in page
    assert experiment.phases.count() == 1
    assert not experiment.variants.filter(name="Renamed too").exists()

    confirmed = editor.post(path, typed | {"confirmed": "split"})
    assert confirmed["Location"] == path_of("experiment-content", experiment.id)
    assert [phase.cause for phase in experiment.phases.all()] == ["start", "split"]
    assert experiment.variants.filter(name="Renamed too").exists()


def test_yes_to_one_phase_is_no_yes_to_another(editor: Client) -> None:
    experiment = ExperimentFactory.create()
    typed = form_of(experiment, weights=[20, 80], save="on", confirmed="split")
    typed["variants-1-content_hero_headline"] = "Another"
    page = editor.post(path_of("experiment-edit", experiment.id), typed).content.decode()
    assert "what a variant shows and the traffic split while" in page
    assert experiment.phases.count() == 1


def test_save_of_a_variants_name_asks_nothing_and_opens_no_phase(editor: Client) -> None:
    experiment = ExperimentFactory.create()
    typed = form_of(experiment, save="on")
    typed["variants-1-name"] = "New"
    assert editor.post(path_of("experiment-edit", experiment.id), typed).status_code == 302
    assert experiment.phases.count() == 1


def test_variant_is_added_to_a_running_experiment_and_saved_ones_stay(editor: Client) -> None:
    experiment = ExperimentFactory.create()
    path = path_of("experiment-edit", experiment.id)
    page = editor.post(path, form_of(experiment, add="1")).content.decode()
    assert 'name="variants-2-name" value="Variant A"' in page
    assert page.count('name="remove"') == 1
    rows = [{"id": str(v.id), "name": v.name, "weight": 40} for v in experiment.variants.all()]
    rows.append({"name": "late", "weight": 20})
    sent = form_of(experiment, rows=rows, save="on", confirmed="variants split")
    assert editor.post(path, sent).status_code == 302
    assert list(experiment.variants.values_list("weight", flat=True)) == [40, 40, 20]
    assert experiment.phases.count() == 2
