"""Creating and editing an experiment: what is saved, and what is refused and kept."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from dashboard.tests.browser import TWO_ROWS, form_of, messages_in, path_of, post_part
from experiments.content import KEYS
from experiments.models import Experiment
from experiments.services import MAX_VARIANTS
from experiments.tests.factories import CONTENT, ExperimentFactory

pytestmark = pytest.mark.django_db


def rows(*weights: object) -> list[dict[str, Any]]:
    return [{"name": f"Variant {i}", "weight": weight} for i, weight in enumerate(weights)]


def draft(**kwargs: Any) -> Experiment:
    experiment: Experiment = ExperimentFactory.create(through=[], **kwargs)
    return experiment


def edit_path(experiment: Experiment) -> str:
    return path_of("experiment-edit", experiment.id)


def test_save_writes_the_variants_and_leads_to_what_they_show(editor: Client) -> None:
    experiment = draft(name="Headlines")
    response: Any = editor.post(
        edit_path(experiment), form_of(experiment, rows=TWO_ROWS, save="on")
    )
    assert response.status_code == 302
    assert response["Location"] == path_of("experiment-content", experiment.id)
    assert messages_in(response) == ["“Headlines” is saved."]
    variants = experiment.variants.values_list("name", "weight", "position")
    assert list(variants) == [("Control", 50, 0), ("Louder", 50, 1)]


def test_save_by_htmx_leads_there_too(editor: Client) -> None:
    experiment = draft()
    response = post_part(editor, edit_path(experiment), form_of(experiment, save="on"))
    assert response["HX-Redirect"] == path_of("experiment-content", experiment.id)


def test_blank_content_keeps_the_default_by_leaving_the_key_out(editor: Client) -> None:
    experiment = draft()
    given = [
        TWO_ROWS[0],
        {**TWO_ROWS[1], "content_hero_headline": "Go home", "content_cta_label": "   "},
    ]
    editor.post(edit_path(experiment), form_of(experiment, rows=given, save="on"))
    contents = list(experiment.variants.values_list("content", flat=True))
    assert contents == [{}, {"hero_headline": "Go home"}]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rows": [{"name": " ", "weight": 50}, TWO_ROWS[1]]}, "This field is required."),
        (
            {"rows": [{"name": "x" * 101, "weight": 50}, TWO_ROWS[1]]},
            "at most 100 characters (it has 101)",
        ),
        (
            {"rows": [{"name": "a\x00b", "weight": 50}, TWO_ROWS[1]]},
            "Null characters are not allowed.",
        ),
        ({"rows": rows(60, 30)}, "The shares must sum to 100 %: 10 % left to give out."),
        ({"rows": rows(60, 52)}, "The shares must sum to 100 %: 12 % too much."),
        ({"rows": rows(101, 0)}, "Give a whole percentage from 0 to 100."),
        ({"rows": rows(-1, 100)}, "Give a whole percentage from 0 to 100."),
        ({"rows": rows("49.5", 50)}, "Give a whole percentage from 0 to 100."),
        ({"rows": rows("many", 50)}, "Give a whole percentage from 0 to 100."),
        ({"rows": rows(100)}, "An experiment has at least 2 variants."),
        ({"rows": rows(*[10] * 11)}, "An experiment has at most 10 variants."),
        (
            {"rows": [{"name": "Same", "weight": 50}, {"name": "same", "weight": 50}]},
            "Another variant has this name; each needs its own.",
        ),
        ({"rows": [*rows(50, 50), {"name": "", "weight": ""}]}, "This field is required."),
        (
            {"rows": [TWO_ROWS[0], {**TWO_ROWS[1], "content_hero_badge": "x" * 61}]},
            "at most 60 characters (it has 61)",
        ),
        ({"variants-TOTAL_FORMS": "lots"}, "An experiment has at least 2 variants."),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_kept(
    editor: Client, change: dict[str, Any], sentence: str
) -> None:
    experiment = draft()
    before = list(experiment.variants.values())
    data = form_of(experiment, **{"rows": TWO_ROWS, **change})
    data["variants-1-description"] = "Kept too"
    response: Any = editor.post(edit_path(experiment), {**data, "save": "on"})
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "Kept too" in page or data["variants-TOTAL_FORMS"] in (1, "lots")
    assert list(experiment.variants.values()) == before


def test_add_gives_a_row_and_keeps_what_was_typed_however_wrong(editor: Client) -> None:
    experiment = draft()
    given = [
        {"name": "Control", "weight": "abc", "content_hero_badge": "typed"},
        {"name": "Variant A", "weight": 50},
    ]
    response: Any = editor.post(edit_path(experiment), form_of(experiment, rows=given, add="1"))
    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="3" id="id_variants-TOTAL_FORMS"' in page
    assert all(kept in page for kept in ('value="abc"', 'value="typed"', 'value="Variant B"'))
    assert "field-error" not in page


def test_rows_end_at_ten(editor: Client) -> None:
    experiment = draft()
    data = form_of(experiment, rows=rows(*[10] * 10), add="1")
    page = editor.post(edit_path(experiment), data).content.decode()
    assert 'value="10" id="id_variants-TOTAL_FORMS"' in page
    assert "An experiment has at most 10 variants." in page
    assert 'name="add"' not in page


def test_remove_takes_the_named_row_and_stops_at_two(editor: Client) -> None:
    three = [
        {"name": "One", "weight": 34},
        {"name": "Two", "weight": 33},
        {"name": "Three", "weight": 33},
    ]
    experiment = draft()
    path = edit_path(experiment)
    page = editor.post(path, form_of(experiment, rows=three, remove="1")).content.decode()
    assert ('value="One"' in page, 'value="Two"' in page, 'value="Three"' in page) == (
        True,
        False,
        True,
    )
    assert 'name="remove"' not in page
    again = editor.post(path, form_of(experiment, rows=three[:2], remove="0")).content.decode()
    assert 'value="One"' in again


def test_split_evenly_gives_what_does_not_divide_to_the_first(editor: Client) -> None:
    experiment = draft()
    data = form_of(experiment, rows=rows(1, 2, "?"), even="1")
    page = editor.post(edit_path(experiment), data).content.decode()
    for index, weight in enumerate((34, 33, 33)):
        assert f'name="variants-{index}-weight" value="{weight}"' in page
    assert "The shares sum to 100 %." in page


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ((50, 38), "12 % left to give out."),
        ((50, 62), "12 % too much."),
        (("", "x"), "100 % left to give out."),
        ((30, 70), "The shares sum to 100 %."),
    ],
)
def test_split_says_while_typing_by_how_much_it_misses(
    editor: Client, weights: tuple[object, ...], says: str
) -> None:
    experiment = draft()
    data = form_of(experiment, rows=rows(*weights), check="1")
    response = post_part(editor, edit_path(experiment), data)
    part = response.content.decode()
    assert says in part
    assert "<form" not in part


def test_content_fields_show_the_default_and_the_limit(editor: Client) -> None:
    page = editor.get(edit_path(draft())).content.decode()
    entry = KEYS["hero_badge"]
    assert page.count(f'placeholder="{entry.default}"') == 2
    assert f'maxlength="{entry.max_length}"' in page


def test_edit_saves_everything_of_a_draft_with_its_variants(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[], content=CONTENT)
    data = form_of(experiment, weights=[30, 70])
    data["variants-1-name"] = "Second"
    data["variants-1-content_hero_headline"] = ""
    before = [variant.id for variant in experiment.variants.all()]
    assert editor.post(edit_path(experiment), {**data, "save": "on"}).status_code == 302
    experiment.refresh_from_db()
    variants = list(experiment.variants.all())
    assert [(v.name, v.weight, v.content) for v in variants] == [
        ("control", 30, {}),
        ("Second", 70, {}),
    ]
    assert [variant.id for variant in variants] == before


def test_variants_of_a_completed_experiment_are_not_edited(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=["start", "complete"])
    path = edit_path(experiment)
    assert editor.get(path)["Location"] == path_of("experiment-content", experiment.id)
    response: Any = editor.post(path, form_of(experiment, weights=[1, 99], save="on"))
    assert response.status_code == 409
    assert "are its record and can&#x27;t change" in response.content.decode()
    assert list(experiment.variants.values_list("weight", flat=True)) == [50, 50]


def test_content_that_another_running_experiment_changes_is_refused_and_kept(
    editor: Client,
) -> None:
    ExperimentFactory.create(name="First", content=CONTENT)
    experiment = ExperimentFactory.create()
    data = form_of(experiment, save="on", confirmed="content")
    data["variants-1-content_hero_headline"] = "Mine as well"
    response = post_part(editor, edit_path(experiment), data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "“First” is running and changes Hero headline too." in page
    assert "Mine as well" in page


@pytest.mark.parametrize("version", ["", "abc", None])
def test_edit_without_the_version_that_was_read_is_refused(
    editor: Client, version: str | None
) -> None:
    experiment = ExperimentFactory.create()
    data = form_of(experiment, save="on", version=version or "")
    response: Any = editor.post(edit_path(experiment), data)
    assert response.status_code == 422
    assert "This form is incomplete. Reload the page" in response.content.decode()


def test_largest_form_is_saved_with_every_text_as_long_as_it_may_be(editor: Client) -> None:
    experiment = draft(split=[10] * MAX_VARIANTS)
    page = editor.get(edit_path(experiment)).content.decode()
    names = re.findall(r'name="(variants-\d+-[^"]+)"', page)
    longest = {key: "ä" * entry.max_length for key, entry in KEYS.items() if key != "sections"}
    data = form_of(experiment, save="on") | {name: "1" for name in names if "sections" in name}
    for index in range(MAX_VARIANTS):
        data |= {f"variants-{index}-content_{key}": text for key, text in longest.items()}
    assert len(data) > 1000
    response: Any = editor.post(edit_path(experiment), data)
    assert response.status_code == 302
    for content in experiment.variants.values_list("content", flat=True):
        assert longest.items() <= content.items()
