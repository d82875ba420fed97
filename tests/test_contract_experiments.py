"""The contract of experiments and toggles, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory, ToggleFactory
from tests.api_client import ANYONE, ApiClient, new_id

pytestmark = pytest.mark.django_db


def test_experiment_made_is_active_and_shown_alike_everywhere(staff: ApiClient) -> None:
    wanted = {
        "name": "A" * 200,
        "description": "",
        "variants": [{"name": "control"}, {"name": "b", "description": "x", "content": {}}],
        "trafficSplit": [30, 70],
    }
    made = staff("POST", "/api/experiments", wanted)
    assert made.status == 201
    assert made.body.keys() == {
        *("id", "name", "description", "status", "createdAt", "updatedAt"),
        *("variants", "trafficSplit"),
    }
    assert made.body["status"] == "active"
    assert [variant["name"] for variant in made.body["variants"]] == ["control", "b"]
    assert made.body["trafficSplit"] == [30, 70]
    assert made.headers["Location"] == f"/api/experiments/{made.body['id']}"
    assert staff("GET", made.headers["Location"]).body == made.body
    assert staff("GET", f"/api/experiments/{made.body['id'].upper()}").body == made.body
    assert staff("GET", "/api/experiments").body == [made.body]


def test_experiments_are_listed_newest_first(staff: ApiClient) -> None:
    assert staff("GET", "/api/experiments").body == []
    made = [ExperimentFactory(through=[]) for _ in range(3)]
    for minute, experiment in enumerate(made):
        created_at = experiment.created_at.replace(year=2020, minute=minute)
        Experiment.objects.filter(pk=experiment.pk).update(created_at=created_at)
    listed = [experiment["id"] for experiment in staff("GET", "/api/experiments").body]
    assert listed == [str(experiment.id) for experiment in reversed(made)]


@pytest.mark.parametrize("method", ["GET", "PATCH"])
@pytest.mark.parametrize(("experiment_id", "status"), [("xyz", 400), (new_id(), 404)])
def test_experiment_that_is_not_there(
    staff: ApiClient, method: str, experiment_id: str, status: int
) -> None:
    assert staff(method, f"/api/experiments/{experiment_id}", {}).status == status


def test_patch_changes_what_is_given_and_answers_with_the_whole(staff: ApiClient) -> None:
    experiment = ExperimentFactory(description="Before")
    path = f"/api/experiments/{experiment.id}"
    before = staff("GET", path).body
    changed = staff("PATCH", path, {"name": "After", "trafficSplit": [10, 90]})
    assert changed.status == 200
    same = {**before, "name": "After", "trafficSplit": [10, 90]}
    assert changed.body == {**same, "updatedAt": changed.body["updatedAt"]}
    assert changed.body["updatedAt"] > before["updatedAt"]
    assert staff("GET", path).body == changed.body


@pytest.mark.parametrize("nothing", [{}, {"status": "active"}, {"unknown": 1}])
def test_patch_that_changes_nothing_is_200_and_no_change(
    staff: ApiClient, nothing: dict[str, Any]
) -> None:
    path = f"/api/experiments/{ExperimentFactory().id}"
    before = staff("GET", path).body
    reply = staff("PATCH", path, nothing)
    assert (reply.status, reply.body) == (200, before)


STATUSES = {
    "draft": [],
    "active": ["start"],
    "paused": ["start", "pause"],
    "completed": ["start", "complete"],
}
ALLOWED = {
    *(("draft", "active"), ("active", "paused"), ("active", "completed")),
    *(("paused", "active"), ("paused", "completed")),
    *((status, status) for status in STATUSES),
}


@pytest.mark.parametrize("target", STATUSES)
@pytest.mark.parametrize("status", STATUSES)
def test_patch_of_status_keeps_to_the_lifecycle(staff: ApiClient, status: str, target: str) -> None:
    path = f"/api/experiments/{ExperimentFactory(through=STATUSES[status]).id}"
    reply = staff("PATCH", path, {"status": target, "name": "All or nothing"})
    if (status, target) in ALLOWED:
        assert (reply.status, reply.body["status"]) == (200, target)
    else:
        assert reply.status == 409
        assert reply.body["error"].endswith(".")
        shown = staff("GET", path).body
        assert (shown["status"], shown["name"] == "All or nothing") == (status, False)


def test_patch_with_one_wrong_field_changes_nothing(staff: ApiClient) -> None:
    path = f"/api/experiments/{ExperimentFactory(split=[50, 30, 20]).id}"
    before = staff("GET", path).body
    for split in ([50, 50], [25, 25, 25, 25], [50, 30, 19], [101, -1, 0]):
        change = {"name": "Never", "status": "paused", "trafficSplit": split}
        assert staff("PATCH", path, change).wrong_fields == {"trafficSplit"}
    assert staff("GET", path).body == before


def test_completed_experiments_split_is_its_record(staff: ApiClient) -> None:
    path = f"/api/experiments/{ExperimentFactory(through=['start', 'complete']).id}"
    assert staff("PATCH", path, {"trafficSplit": [40, 60]}).status == 409


def test_second_running_experiment_on_one_content_key_is_409(staff: ApiClient) -> None:
    wanted = {
        "name": "Headline",
        "variants": [{"name": "a"}, {"name": "b", "content": {"hero_headline": "Another"}}],
        "trafficSplit": [50, 50],
    }
    first = staff("POST", "/api/experiments", wanted)
    assert first.body["variants"][1]["content"] == {"hero_headline": "Another"}
    assert staff("POST", "/api/experiments", wanted).status == 409
    assert len(staff("GET", "/api/experiments").body) == 1
    draft = ExperimentFactory(through=[], content={"hero_headline": "A third"})
    reply = staff("PATCH", f"/api/experiments/{draft.id}", {"status": "active"})
    assert reply.status == 409
    assert "Headline" in reply.body["error"]


def test_toggles_are_listed_by_key_and_switched(staff: ApiClient) -> None:
    ids = {key: ToggleFactory.create(key=key).id for key in ("b", "a", "c")}
    listed = ANYONE("GET", "/api/toggles")
    assert listed.status == 200
    assert [toggle["key"] for toggle in listed.body] == ["a", "b", "c"]
    assert listed.body[0].keys() == {"id", "key", "enabled", "description", "updatedAt"}
    path = f"/api/toggles/{str(ids['b']).upper()}"
    for enabled in (True, True, False):
        reply = staff("PATCH", path, {"enabled": enabled})
        assert (reply.status, reply.body["enabled"]) == (200, enabled)
        assert ANYONE("GET", "/api/toggles").body[1] == reply.body


@pytest.mark.parametrize(("toggle_id", "status"), [("xyz", 400), (new_id(), 404)])
def test_toggle_that_is_not_there(staff: ApiClient, toggle_id: str, status: int) -> None:
    assert staff("PATCH", f"/api/toggles/{toggle_id}", {"enabled": True}).status == status


def test_patch_of_a_running_experiments_split_opens_a_phase_by_itself(staff: ApiClient) -> None:
    experiment = ExperimentFactory.create(split=[50, 50])
    path = f"/api/experiments/{experiment.id}"
    for change, phases in (
        ({"name": "After", "trafficSplit": [50, 50]}, 1),
        ({"trafficSplit": [10, 90]}, 2),
        ({"status": "paused", "trafficSplit": [20, 80]}, 3),
        ({"status": "completed", "trafficSplit": [30, 70]}, 3),
    ):
        assert staff("PATCH", path, change).status == 200
        assert experiment.phases.count() == phases
    assert not experiment.phases.filter(ended_at=None).exists()
