"""Test objects that walk the real lifecycle, so that none is in a state users can't reach."""

from __future__ import annotations

from typing import Any

import factory
from django.contrib.auth.models import Group, User

from experiments import roles, services
from experiments.lifecycle import Transition
from experiments.models import ApiToken, Experiment, Toggle, Variant
from experiments.services import VariantDraft
from experiments.tokens import create_token

CONTENT = {"hero_headline": "A treatment's headline"}


class ExperimentFactory(factory.Factory):
    """An experiment made by the services. `split` gives the variants; `through` the transitions.

    `ExperimentFactory(split=[50, 30, 20], through=["start", "pause"])`. Only the variants after
    the control carry `content`, and by default none does: running ones don't contend for keys.
    """

    class Meta:
        model = Experiment

    name = factory.Sequence(lambda n: f"Experiment {n}")
    description = ""
    split = (50, 50)
    content: dict[str, str] = {}  # noqa: RUF012  (a factory's declaration, not shared state)
    through = ("start",)
    winner = None

    @classmethod
    def _create(cls, model_class: type[Experiment], *args: Any, **kwargs: Any) -> Experiment:
        through, winner = kwargs.pop("through"), kwargs.pop("winner")
        split, content = kwargs.pop("split"), kwargs.pop("content")
        drafts = [
            VariantDraft(
                name="control" if position == 0 else f"variant_{position}",
                weight=weight,
                content=content if position else {},
            )
            for position, weight in enumerate(split)
        ]
        experiment = services.create_experiment(variants=drafts, **kwargs)
        for step in through:
            transition = Transition(step)
            chosen = None
            if transition is Transition.COMPLETE and winner is not None:
                chosen = experiment.variants.get(position=winner).id
            experiment = services.transition_experiment(
                experiment_id=experiment.id, transition=transition, winner_id=chosen
            )
        return Experiment.objects.with_variants().get(pk=experiment.pk)


def variants_of(experiment: Experiment) -> list[Variant]:
    return list(experiment.variants.all())


class ToggleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Toggle

    key = factory.Sequence(lambda n: f"toggle_{n}")
    enabled = False


class UserFactory(factory.django.DjangoModelFactory):
    """A signed-up person without a role: a stranger to the dashboard."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")
    password = factory.django.Password("correct horse battery")

    @factory.post_generation
    def role(self: User, create: bool, extracted: str | None, **kwargs: Any) -> None:
        if extracted:
            group, _ = Group.objects.get_or_create(name=extracted)
            self.groups.add(group)


def make_viewer(**kwargs: Any) -> User:
    viewer: User = UserFactory.create(role=roles.VIEWERS, **kwargs)
    return viewer


def make_editor(**kwargs: Any) -> User:
    editor: User = UserFactory.create(role=roles.EDITORS, **kwargs)
    return editor


def make_token(name: str = "test client") -> tuple[ApiToken, str]:
    return create_token(name=name)
