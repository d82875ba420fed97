"""The JSON API of the experiments app: experiments, toggles, and who gets which variant."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from experiments import answers, payloads, selectors, services, toggles
from experiments.answers import Answer, ApiError
from experiments.assignment_path import ASSIGNMENTS
from experiments.hot import django_view
from experiments.http import Access, api_view, body_of
from experiments.lifecycle import TransitionForbidden
from experiments.models import Experiment, Toggle
from experiments.representations import experiment_json, toggle_json
from experiments.services import InvalidSplit, Refused

NO_EXPERIMENT = answers.error(404, "There is no experiment with this id.")
NO_TOGGLE = answers.error(404, "There is no toggle with this id.")

assignments = django_view(ASSIGNMENTS)


@api_view(
    access={"GET": Access.STAFF, "POST": Access.STAFF},
    limits={"GET": "experiments", "POST": "experiments"},
)
def experiments(request: HttpRequest) -> Answer:
    """List all experiments, or make one that is active at once."""
    if request.method == "POST":
        return _create_experiment(request)
    return Answer(200, [experiment_json(e) for e in selectors.experiments_newest_first()])


@api_view(
    access={"GET": Access.STAFF, "PATCH": Access.STAFF},
    limits={"GET": "experiments", "PATCH": "experiments"},
)
def experiment(request: HttpRequest, experiment_id: str) -> Answer:
    """Show an experiment, or change it."""
    asked_for = _id_from(experiment_id)
    if request.method == "PATCH":
        _change_experiment(request, asked_for)
    return Answer(200, _shown(asked_for))


@api_view(access={"GET": Access.ANYONE}, limits={"GET": "toggles"})
def toggle_list(_request: HttpRequest) -> Answer:
    return Answer(200, [toggle_json(toggle) for toggle in selectors.toggles_by_key()])


@api_view(access={"PATCH": Access.STAFF}, limits={"PATCH": "toggles"})
def toggle(request: HttpRequest, toggle_id: str) -> Answer:
    """Switch a toggle."""
    asked_for = _id_from(toggle_id)
    enabled = payloads.toggle_enabled(body_of(request))
    try:
        changed = toggles.update_toggle(toggle_id=asked_for, enabled=enabled)
    except Toggle.DoesNotExist:
        raise ApiError(NO_TOGGLE) from None
    return Answer(200, toggle_json(changed))


def _create_experiment(request: HttpRequest) -> Answer:
    wanted = payloads.new_experiment(body_of(request))
    try:
        made = services.create_experiment(
            name=wanted.name,
            description=wanted.description,
            variants=wanted.variants,
            start=True,
        )
    except Refused as refused:
        raise ApiError(_refusal(refused)) from None
    return Answer(201, _shown(made.id), {"Location": f"/api/experiments/{made.id}"})


def _change_experiment(request: HttpRequest, experiment_id: UUID) -> None:
    changes = payloads.experiment_changes(body_of(request))
    try:
        services.update_experiment(
            experiment_id=experiment_id,
            name=changes.name,
            description=changes.description,
            status=changes.status,
            traffic_split=changes.traffic_split,
        )
    except Experiment.DoesNotExist:
        raise ApiError(NO_EXPERIMENT) from None
    except (Refused, TransitionForbidden) as refused:
        raise ApiError(_refusal(refused)) from None


def _refusal(refused: Refused | TransitionForbidden) -> Answer:
    """Return the 400 for a split that fits no variants, the 409 for what the state forbids."""
    if isinstance(refused, InvalidSplit):
        return answers.validation_failed({"trafficSplit": [str(refused)]})
    return answers.error(409, str(refused))


def _shown(experiment_id: UUID) -> dict[str, Any]:
    found = selectors.experiment_by_id(experiment_id)
    if found is None:
        raise ApiError(NO_EXPERIMENT)
    return experiment_json(found)


def _id_from(path_part: str) -> UUID:
    clean = answers.clean_uuid(path_part)
    if clean is None:
        raise ApiError(answers.validation_failed({"id": [answers.UUID_MESSAGE]}))
    return UUID(clean)
