"""An experiment's goals: what staff want of visitors, and the one it has if nobody says."""

from __future__ import annotations

from experiments.event_types import EventType
from experiments.models import Experiment, Goal
from experiments.models.goal import GoalRole

# The API's conversion: its counts are kept under this kind for every experiment.
DEFAULT_KIND = "conversion"
DEFAULT_NAME = "Sign-up or CTA click"
DEFAULT_TYPES = (EventType.CTA_CLICK, EventType.FORM_SUBMIT)


def add_default_goal(experiment: Experiment) -> Goal:
    """Give an experiment the primary goal that needs no counting of its own."""
    return Goal.objects.create(
        experiment=experiment,
        position=0,
        name=DEFAULT_NAME,
        role=GoalRole.PRIMARY,
        event_types=[event_type.value for event_type in DEFAULT_TYPES],
        kind=DEFAULT_KIND,
    )
