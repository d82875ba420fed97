"""The landing pages that experiments are about."""

from __future__ import annotations

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy


class Page(models.Model):
    """A landing page: the same sections as every other, with texts and an address of its own.

    Exactly one stands at `/`; the others at `/<slug>/`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    slug = models.CharField(
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z",
                gettext_lazy(
                    "Use lower-case letters, digits and single hyphens, as in “spring-offer”."
                ),
            )
        ],
    )
    name = models.CharField(max_length=100)
    is_home = models.BooleanField(default=False)
    # {content key: text}; a key that is absent keeps the default (experiments.content_keys).
    content = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-is_home", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                name="page_one_home",
                fields=["is_home"],
                condition=Q(is_home=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """Where visitors find it."""
        return "/" if self.is_home else f"/{self.slug}/"
