"""The audit log: every change to the configuration and to people, kept for good."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy


class AuditAction(models.TextChoices):
    CREATED = "created", gettext_lazy("Created")
    CHANGED = "changed", gettext_lazy("Changed")
    DELETED = "deleted", gettext_lazy("Deleted")


class AuditedKind(models.TextChoices):
    """What the log is about; phases and plans are parts of an experiment, as variants are."""

    EXPERIMENT = "experiment", gettext_lazy("Experiments")
    VARIANT = "variant", gettext_lazy("Variants")
    GOAL = "goal", gettext_lazy("Goals")
    PHASE = "phase", gettext_lazy("Phases")
    PLAN = "plan", gettext_lazy("Plans")
    PAGE = "page", gettext_lazy("Pages")
    TOGGLE = "toggle", gettext_lazy("Toggles")
    TOKEN = "token", gettext_lazy("API tokens")
    PERSON = "person", gettext_lazy("People")
    INVITATION = "invitation", gettext_lazy("Invitations")


class AuditEntry(models.Model):
    """One row that was created, changed or deleted, written by the database's own triggers.

    The table refuses every other write, emptying the database between tests included; so it isn't
    managed by Django, and migrations make it.
    """

    id = models.BigAutoField(primary_key=True)
    # The first entry of the same transaction: what was done by one press of a button.
    change_id = models.BigIntegerField()
    # The beginning of the transaction, the same for all entries of a change.
    at = models.DateTimeField()
    # Actors and objects by value, not by reference: they may be renamed or deleted.
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_name = models.TextField()
    action = models.TextField(choices=AuditAction.choices)
    object_type = models.TextField(choices=AuditedKind.choices)
    object_id = models.TextField()
    object_name = models.TextField()
    experiment_id = models.UUIDField(null=True)
    # {column: value} of what differs; all columns of what was created or deleted.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    # Of a variant: [[variant id, weight], …] of its experiment after the statement, in order.
    split = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "experiments_auditentry"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_name} {self.action}"
