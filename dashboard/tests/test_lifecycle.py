"""Starting, pausing and resuming from the dashboard."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.tests.browser import messages_in, path_of, post_part
from experiments import services
from experiments.lifecycle import Status
from experiments.models import Experiment
from experiments.tests.factories import CONTENT, ExperimentFactory

pytestmark = pytest.mark.django_db

FORBIDDEN = [
    ([], "pause", "A draft experiment can't be paused. You can start it."),
    ([], "resume", "A draft experiment can't be resumed. You can start it."),
    (["start"], "start", "An active experiment can't be started. You can pause or complete it."),
    (["start"], "resume", "An active experiment can't be resumed. You can pause or complete it."),
    (["start", "pause"], "pause", "A paused experiment can't be paused."),
    (["start", "complete"], "resume", "A completed experiment can't be resumed."),
]


def press(client: Client, experiment: Experiment, button: str, **data: Any) -> Any:
    return client.post(path_of(f"experiment-{button}", experiment.id), data)


def test_life_of_a_running_experiment_by_plain_posts(editor: Client) -> None:
    experiment = ExperimentFactory.create(name="Life", through=[])
    for button, status in (
        ("start", Status.ACTIVE),
        ("pause", Status.PAUSED),
        ("resume", Status.ACTIVE),
    ):
        response = press(editor, experiment, button)
        assert response["Location"] == path_of("experiment-detail", experiment.id)
        assert any("Life" in message for message in messages_in(response))
        experiment.refresh_from_db()
        assert experiment.status == status


@pytest.mark.parametrize(("through", "button", "sentence"), FORBIDDEN)
def test_forced_transition_is_refused_with_the_sentence(
    editor: Client, through: list[str], button: str, sentence: str
) -> None:
    experiment = ExperimentFactory.create(through=through)
    plain = press(editor, experiment, button)
    assert plain.status_code == 302
    assert messages_in(plain)[0].startswith(sentence)
    part = post_part(editor, path_of(f"experiment-{button}", experiment.id), {})
    assert part.status_code == 409
    assert messages_in(part)[0].startswith(sentence)


def test_start_that_contends_for_content_is_refused_with_the_sentence(editor: Client) -> None:
    ExperimentFactory.create(name="First", content=CONTENT)
    second = ExperimentFactory.create(content=CONTENT, through=[])
    part = post_part(editor, path_of("experiment-start", second.id), {})
    assert part.status_code == 409
    assert "“First” is running and changes Hero headline too." in messages_in(part)[0]


def test_start_of_what_somebody_changed_meanwhile_is_refused(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    services.update_experiment(experiment_id=experiment.id, traffic_split=[10, 90])
    path = path_of("experiment-start", experiment.id)
    part = post_part(editor, path, {"version": experiment.version})
    assert part.status_code == 409
    assert "Somebody else saved this experiment" in messages_in(part)[0]
    assert "10 %" in part.content.decode()


def test_part_is_the_row_in_the_list_and_the_page_on_its_own(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    row = post_part(
        editor, path_of("experiment-start", experiment.id), {}, target=f"card-{experiment.id}"
    )
    assert row.content.decode().strip().startswith("<li")
    assert ">Active</span>" in row.content.decode()
    page = post_part(
        editor, path_of("experiment-pause", experiment.id), {}, target="experiment"
    ).content.decode()
    assert page.strip().startswith('<div id="experiment">')
    assert ">Paused</span>" in page
