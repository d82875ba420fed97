"""What a fresh installation starts with. Idempotent: what is there already is left as it is."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone

from experiments import plans, roles, services
from experiments.content import DEFAULTS
from experiments.lifecycle import Status
from experiments.models import Experiment, Toggle, Variant
from experiments.plans import PlanDraft
from experiments.services import Refused, VariantDraft
from metrics.planning import DEFAULT_POWER, forecast_for

EXPERIMENT_ID = UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
EXPERIMENT_NAME = "Homepage Hero Test"
EXPERIMENT_DESCRIPTION = "Test different hero section messaging for conversion optimization"

# Each with whether it is on and what it does, by key.
TOGGLES = {
    "show_hero_banner": (True, "Shows the announcement strip above the hero."),
    "enable_social_proof": (
        True,
        "Shows the figures, the testimonials and the customers' logos, and the links to them.",
    ),
    "cta_style_aggressive": (
        False,
        "Makes the calls to action louder: a bolder, larger button with the insistent wording.",
    ),
}

BENEFITS = {
    "hero_badge": "25 minutes back, every working day",
    "hero_headline": "Go home on time, and start tomorrow ahead",
    "hero_text": (
        "Ten minutes with Morrowdesk in the evening save your team the first half hour of the "
        "morning: fewer questions, fewer surprises, and nobody takes the list home."
    ),
    "cta_label": "Get your evenings back",
    "cta_note": "Free for 30 days. Your first plan stands tonight.",
    "cta_label_insistent": "Get tonight’s evening back now",
    "cta_note_insistent": "Set up in two minutes, home on time today. 30 days free.",
    "social_proof_title": "What teams got back in their first month",
    "social_proof_text": (
        "Quieter mornings, shorter lists, and evenings that belong to the people who earned them."
    ),
    "quote_1_text": (
        "Half an hour a day, for forty people. I did the sum twice before I believed it."
    ),
    "quote_2_text": "I’m home before my children are asleep, and the list stays at work.",
    "quote_3_text": "Not one phone call after a shift this month. It was all in the notes.",
}

VARIANTS = (
    VariantDraft(
        name="control",
        description="Original hero messaging",
        weight=50,
        # What the page says anyway, kept with the variant: what was tested stays on record.
        content={key: DEFAULTS[key] for key in BENEFITS},
    ),
    VariantDraft(
        name="variant_a", description="Benefits-focused messaging", weight=50, content=BENEFITS
    ),
)

# Of a landing page whose calls to action every eighth visitor follows.
BASELINE_RATE, MINIMUM_LIFT = 0.12, 0.15

STAFF_NAME = STAFF_PASSWORD = "staff"  # noqa: S105  (printed for developers, made nowhere else)


@transaction.atomic
def seed_installation() -> list[str]:
    """Make what is missing and return a sentence for each thing that was made."""
    return [*_seed_toggles(), *_seed_experiment(), *_seed_staff()]


def _seed_toggles() -> list[str]:
    made = []
    for key, (enabled, description) in TOGGLES.items():
        _, is_new = Toggle.objects.get_or_create(
            key=key, defaults={"enabled": enabled, "description": description}
        )
        if is_new:
            made.append(f"Toggle {key}, {'on' if enabled else 'off'}.")
    return made


def _seed_experiment() -> list[str]:
    experiment = Experiment.objects.filter(pk=EXPERIMENT_ID).first()
    if experiment is None:
        experiment = services.create_experiment(
            name=EXPERIMENT_NAME,
            description=EXPERIMENT_DESCRIPTION,
            variants=VARIANTS,
            experiment_id=EXPERIMENT_ID,
        )
        return [f"Experiment “{EXPERIMENT_NAME}”.", *_start(experiment)]
    made = _complete_variants(experiment)
    # Active is what a half-filled database was on its way to; any later status is staff's own.
    if experiment.status == Status.DRAFT and made:
        made += _start(experiment)
    return made


def _complete_variants(experiment: Experiment) -> list[str]:
    """Fill up an experiment that has fewer than the two variants that make it one."""
    existing = list(experiment.variants.all())
    if len(existing) >= len(VARIANTS):
        return []
    names = {variant.name for variant in existing}
    missing = [draft for draft in VARIANTS if draft.name not in names]
    free = [n for n in range(len(VARIANTS)) if n not in {v.position for v in existing}]
    for position, draft in zip(free, missing, strict=False):
        Variant.objects.create(
            experiment=experiment,
            position=position,
            name=draft.name,
            description=draft.description,
            weight=draft.weight,
            content=dict(draft.content),
        )
    experiment.variants.update(weight=VARIANTS[0].weight)
    return [f"Variant {draft.name}." for draft in missing[: len(free)]]


def _start(experiment: Experiment) -> list[str]:
    try:
        # A savepoint: a refusal leaves the experiment a draft, and the rest of the seed stands.
        with transaction.atomic():
            plans.start_experiment(experiment_id=experiment.id, plan=_plan())
    except Refused as refusal:
        return [f"It stays a draft: {refusal}"]
    return []


def _plan() -> PlanDraft:
    """Return the plan of the experiment: what its first visitor is counted towards."""
    planned = forecast_for(
        baseline_rate=BASELINE_RATE,
        minimum_lift=MINIMUM_LIFT,
        power=DEFAULT_POWER,
        weights=[draft.weight for draft in VARIANTS],
        visitors_per_day=None,
        today=timezone.now().date(),
    )
    return PlanDraft(
        baseline_rate=BASELINE_RATE,
        minimum_lift=MINIMUM_LIFT,
        power=DEFAULT_POWER,
        visitors_per_variant=planned.per_variant,
    )


def _seed_staff() -> list[str]:
    """Make the development sign-in. A known password has no place in production."""
    if settings.IS_PRODUCTION or User.objects.filter(username=STAFF_NAME).exists():
        return []
    user = User.objects.create_user(STAFF_NAME, password=STAFF_PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=roles.EDITORS)[0])
    return [f"Staff user {STAFF_NAME}, password {STAFF_PASSWORD} (development only)."]
