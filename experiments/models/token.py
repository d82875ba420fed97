"""Credentials for the API."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from experiments.querysets import ApiTokenQuerySet


class ApiToken(models.Model):
    """A credential for the API. Only its hash is kept; the token itself is shown once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=100)
    # The token's public half, by which its row is found; the secret half is only ever compared.
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                name="api_token_name_once",
                fields=["name"],
                condition=Q(revoked_at__isnull=True),
                violation_error_message=gettext_lazy(
                    "A token of this name exists; revoke it first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
