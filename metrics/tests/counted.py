"""Experiments with counts, as if visitors had come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from experiments.event_types import EventType
from experiments.models import Experiment
from metrics.kinds import CONVERSION, EXPOSURE
from metrics.models import DailyCount


def age(experiment: Experiment, days: int) -> None:
    """Let an experiment, and its phases, have begun so many days ago."""
    began = timezone.now() - timedelta(days=days)
    Experiment.objects.filter(pk=experiment.pk).update(started_at=began)
    experiment.phases.update(started_at=began)


def count_visitors(
    experiment: Experiment,
    *arms: tuple[int, int],
    days_ago: int = 0,
    phase: int = 1,
    others: Mapping[str, int] | None = None,
) -> None:
    """Let each variant have (visitors, conversions), as if counted on one day of one phase.

    `others` are further kinds, each with the visitors that every variant has of it.
    """
    for variant, (visitors, conversions) in zip(experiment.variants.all(), arms, strict=False):
        kinds: Mapping[str, int] = {
            EXPOSURE: visitors,
            EventType.PAGE_VIEW: visitors,
            EventType.CTA_CLICK: conversions,
            CONVERSION: conversions,
            **(others or {}),
        }
        for kind, number in kinds.items():
            DailyCount.objects.create(
                experiment=experiment,
                variant=variant,
                phase=phase,
                day=timezone.now().date() - timedelta(days=days_ago),
                kind=kind,
                slot=0,
                events=number,
                visitors=number,
            )
