"""Experiments made after others, and those that are put away."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments import store
from experiments.content import KEYS
from experiments.goals import copy_goals
from experiments.lifecycle import Status
from experiments.models import Experiment, Plan
from experiments.models.goal import GoalRole
from experiments.services import create_experiment
from experiments.variants import VariantDraft
from experiments.writing import Refused, locked_experiment, save_experiment

NAME_LENGTH = 200
_PLANNED = (
    "baseline_rate",
    "minimum_lift",
    "alpha",
    "power",
    "visitors_per_variant",
    "visitors_per_day",
    "days",
)


@transaction.atomic
def duplicate_experiment(*, experiment_id: UUID) -> Experiment:
    """Make a draft of everything that was meant by an experiment, and of nothing that came of it.

    Its variants with their content, split, goals, plan, hypothesis and page are copied. Raises
    Experiment.DoesNotExist.
    """
    store.lock_configuration()
    source = Experiment.objects.select_related("page").with_variants().get(pk=experiment_id)
    copy = create_experiment(
        name=(_("Copy of %(name)s") % {"name": source.name})[:NAME_LENGTH],
        description=source.description,
        hypothesis=source.hypothesis,
        page=source.page,
        variants=[
            VariantDraft(
                v.name, v.weight, description=v.description, content=_still_known(v.content)
            )
            for v in source.variants.all()
        ],
    )
    copy_goals(source=source, target=copy)
    plan = Plan.objects.filter(experiment=source).first()
    if plan is not None:
        Plan.objects.create(
            experiment=copy,
            goal=copy.goals.get(role=GoalRole.PRIMARY),
            **{name: getattr(plan, name) for name in _PLANNED},
        )
    return copy


def _still_known(content: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that the page still has a place for."""
    return {key: text for key, text in content.items() if key in KEYS}


@transaction.atomic
def archive_experiment(*, experiment_id: UUID, version: int | None = None) -> Experiment:
    """Leave an experiment out of lists; its results stay. Repeating it is harmless.

    Only what doesn't run: a draft or a completed one. Raises Experiment.DoesNotExist, EditConflict
    and Refused.
    """
    experiment = locked_experiment(experiment_id, version)
    if experiment.status not in (Status.DRAFT, Status.COMPLETED):
        raise Refused(
            _("“%(name)s” is running. Complete it first: what runs can't be out of sight.")
            % {"name": experiment.name}
        )
    if experiment.archived_at is None:
        experiment.archived_at = timezone.now()
        save_experiment(experiment)
    return experiment


@transaction.atomic
def restore_experiment(*, experiment_id: UUID) -> Experiment:
    """Put an archived experiment back into lists. Raises Experiment.DoesNotExist."""
    experiment = locked_experiment(experiment_id)
    if experiment.archived_at is not None:
        experiment.archived_at = None
        save_experiment(experiment)
    return experiment
