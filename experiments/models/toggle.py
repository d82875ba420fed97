"""Switches for features of the landing page."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy

from experiments.rollout import ToggleView


class Toggle(models.Model):
    """A switch for a feature of the landing page, effective from the next page load on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    key = models.CharField(
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z][a-z0-9_]*\Z",
                gettext_lazy(
                    "Use lower-case letters, digits and underscores, starting with a letter."
                ),
            )
        ],
    )
    enabled = models.BooleanField(default=False)
    description = models.CharField(max_length=500, blank=True)
    # For how many visitors it is on when it is on, in whole percent (experiments.rollout).
    rollout = models.PositiveSmallIntegerField(default=100, validators=[MaxValueValidator(100)])
    # While enabled, it is on from the first of these moments to the second; without them, always.
    turns_on_at = models.DateTimeField(null=True, blank=True)
    turns_off_at = models.DateTimeField(null=True, blank=True)
    # Why it was changed last, in the words of whoever changed it.
    reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(name="toggle_rollout_percent", condition=Q(rollout__lte=100)),
            models.CheckConstraint(
                name="toggle_on_before_off",
                condition=Q(turns_on_at__isnull=True)
                | Q(turns_off_at__isnull=True)
                | Q(turns_on_at__lt=F("turns_off_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def view(self) -> ToggleView:
        return ToggleView(
            id=str(self.id),
            enabled=self.enabled,
            rollout=self.rollout,
            turns_on_at=self.turns_on_at,
            turns_off_at=self.turns_off_at,
        )

    @property
    def is_on(self) -> bool:
        """Whether it is on now, for however many: what its switch shows."""
        return self.view.is_on_at(timezone.now())
