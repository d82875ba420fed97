"""Goals of experiments that count already: added without stopping ingest, counted from the start.

Two steps, each a transaction of its own. The first adds the goal and says since when ingest counts
it; the second counts the raw events from before, once.
"""

from __future__ import annotations

import time
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from experiments import store
from experiments.goal_drafts import OWN_KIND, GoalDraft
from experiments.goals import insert_goal
from experiments.keeper import keeper
from experiments.lifecycle import Status
from experiments.models import Goal
from experiments.writing import Refused, locked_experiment, save_experiment
from metrics import recount
from metrics.counts import pruned_months_of
from metrics.ingest.store import SLOTS
from metrics.store import begin_backfill, hold_pruning, stop_counting, wait_at_most

# Rows of daily counts that no process raises.
_SLOT = SLOTS
# How long events may be kept waiting for statements that count and take long, and how often tried.
_LOCK_MILLISECONDS = 300
_ATTEMPTS = 10
_PAUSE = 0.7


def add_goal(*, experiment_id: UUID, draft: GoalDraft, version: int | None = None) -> Goal:
    """Add a goal; that of a started experiment is counted from the raw events that still exist.

    When this returns, all of them are counted. Raises Experiment.DoesNotExist, EditConflict,
    Refused and InvalidGoal.
    """
    goal = _add(experiment_id, draft, version)
    if goal.counted_since is not None:
        backfill(goal.id)
        goal.refresh_from_db()
    return goal


def goals_to_backfill() -> list[Goal]:
    """Return the goals whose past isn't counted: right now, or because a process ended early."""
    return list(
        Goal.objects.filter(counted_since__isnull=False, backfilled_at__isnull=True).order_by(
            "counted_since"
        )
    )


def backfill(goal_id: UUID) -> bool:
    """Count the raw events from before a goal was added, unless that is done.

    Returns whether it was still to do. Takes time that grows with the raw events; ingest goes on.
    """
    with store.reading_whole_tables():
        begin_backfill()
        goal = Goal.objects.filter(
            pk=goal_id, counted_since__isnull=False, backfilled_at__isnull=True
        ).first()
        if goal is None:
            return False
        hold_pruning()
        recount.count_goal(goal, slot=_SLOT)
        goal.missing_months = pruned_months_of(goal.experiment_id)
        goal.backfilled_at = timezone.now()
        goal.save(update_fields=["missing_months", "backfilled_at"])
        transaction.on_commit(keeper.refresh_quietly)
    return True


def _add(experiment_id: UUID, draft: GoalDraft, version: int | None) -> Goal:
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE)
        try:
            return _add_at_once(experiment_id, draft, version)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
    raise Refused(
        _(
            "Events are being counted in bulk just now: by a recount, for another new goal, or as "
            "simulated traffic. Add the goal when that is done."
        )
    )


@transaction.atomic
def _add_at_once(experiment_id: UUID, draft: GoalDraft, version: int | None) -> Goal:
    wait_at_most(_LOCK_MILLISECONDS)
    experiment = locked_experiment(experiment_id, version)
    goal = insert_goal(experiment, draft)
    if experiment.status != Status.DRAFT and goal.kind.startswith(OWN_KIND):
        goal.counted_since = stop_counting()
        goal.save(update_fields=["counted_since"])
    save_experiment(experiment)
    return goal
