"""Configuration, and the one table of this app that grows with visitors: assignments."""

from experiments.models.audit import AuditEntry
from experiments.models.experiment import Assignment, Experiment, Variant
from experiments.models.goal import Goal
from experiments.models.invitation import Invitation
from experiments.models.page import Page
from experiments.models.phase import Phase
from experiments.models.plan import Plan
from experiments.models.toggle import Toggle
from experiments.models.token import ApiToken

__all__ = [
    "ApiToken",
    "Assignment",
    "AuditEntry",
    "Experiment",
    "Goal",
    "Invitation",
    "Page",
    "Phase",
    "Plan",
    "Toggle",
    "Variant",
]
