"""The verdict in the API's statistics, beside the fields that were always there."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory, make_token
from metrics.models import PlannedLook
from metrics.tests.verdicts import CASES, case, judged

pytestmark = pytest.mark.django_db


def stats_of(experiment: Experiment, query: str = "") -> Any:
    _, token = make_token(uuid4().hex)
    response = Client().get(
        f"/api/stats?experimentId={experiment.id}{query}",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert response.status_code == 200
    return response.json()


@pytest.mark.parametrize("name", CASES)
def test_stats_tell_the_verdict_of_the_current_phase(name: str) -> None:
    experiment = case(name)
    body = stats_of(experiment)
    verdict = judged(experiment).verdict
    assert (body["verdict"], body["reason"], body["phase"]) == (verdict.kind, verdict.reason, 1)
    assert body["srm"]["mismatch"] is verdict.split.mismatch
    assert [v["phaseVisitors"] for v in body["variants"]] == body["srm"]["observed"]
    control, treatment = body["variants"]
    assert (control["lift"], control["chanceToBeatControl"]) == (None, None)
    withheld = name in {
        *("fewer_than_two_arms", "sample_ratio_mismatch"),
        *("too_few_visitors", "too_few_conversions"),
    }
    assert (treatment["lift"] is None) is withheld
    assert (treatment["interval"] is None) is withheld
    if not withheld:
        bounds = treatment["interval"]
        assert bounds["lower"] < treatment["lift"] < bounds["upper"]
        assert 0 < treatment["chanceToBeatControl"] < 1


def test_stats_take_the_planned_look_as_any_look_does() -> None:
    experiment = case("winner")
    body = stats_of(experiment)
    assert (body["plannedVisitors"], PlannedLook.objects.count()) == (7682, 1)
    assert body["plannedLookAt"] is not None
    assert body["subjectVariantId"] == body["variants"][1]["variantId"]


def test_stats_of_drafts_and_of_some_days_have_no_verdict() -> None:
    for body in (
        stats_of(ExperimentFactory.create(through=[])),
        stats_of(case("winner"), "&startDate=2020-01-01"),
    ):
        assert (body["verdict"], body["reason"], body["srm"]) == (None, None, None)
        assert all(variant["phaseVisitors"] is None for variant in body["variants"])
    assert not PlannedLook.objects.exists()
