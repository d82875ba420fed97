"""Switches for features of the landing page."""

from __future__ import annotations

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now


class Toggle(models.Model):
    """A switch for a feature of the landing page, effective from the next page load on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    key = models.CharField(
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z][a-z0-9_]*\Z",
                "Use lower-case letters, digits and underscores, starting with a letter.",
            )
        ],
    )
    enabled = models.BooleanField(default=False)
    description = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key
