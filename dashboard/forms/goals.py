"""A goal's form: what reaches it, what it is for, and conditions on an event's metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from dashboard.forms.fields import DashboardForm, TextField
from experiments.conditions import MAX_CONDITIONS, Condition, Operator
from experiments.event_types import EventType
from experiments.goal_drafts import NAME_LENGTH, GoalDraft, draft_of
from experiments.models import Goal
from experiments.models.goal import Direction, GoalMeasure, GoalRole

OPERATORS = (
    (Operator.EQUAL, _("is")),
    (Operator.NOT_EQUAL, _("is not")),
    (Operator.AT_LEAST, _("is at least")),
    (Operator.MORE, _("is more than")),
    (Operator.AT_MOST, _("is at most")),
    (Operator.LESS, _("is less than")),
    (Operator.CONTAINS, _("contains")),
    (Operator.EXISTS, _("is there at all")),
)
HARMS = (("", "–"), (Direction.DECREASE, _("It falls")), (Direction.INCREASE, _("It rises")))


class GoalForm(DashboardForm):
    name = TextField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        help_text=_("What visitors did who reached it: “Read to the end”."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=GoalRole.choices)
    harm = forms.ChoiceField(
        label=_("Harm is when"), choices=HARMS, required=False, help_text=_("For guardrails only.")
    )
    event_types = forms.MultipleChoiceField(
        label=_("Reached by an event of"),
        choices=EventType.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event type that reaches the goal.")},
    )
    measure = forms.ChoiceField(label=_("What is compared"), choices=GoalMeasure.choices)
    value_key = TextField(
        label=_("Number to add up"),
        max_length=64,
        required=False,
        help_text=_("For sums only: the metadata key that holds it, such as “total”."),
    )

    def draft(self, conditions: Iterable[Condition]) -> GoalDraft:
        given = self.cleaned_data
        return GoalDraft(
            name=given["name"],
            role=given["role"],
            event_types=tuple(given["event_types"]),
            conditions=tuple(conditions),
            measure=given["measure"],
            value_key=given["value_key"],
            harm=given["harm"],
        )


class RenameForm(DashboardForm):
    name = TextField(label=_("Name"), max_length=NAME_LENGTH)


class ConditionForm(DashboardForm):
    """One condition; a row without a key is none."""

    key = TextField(label=_("Metadata key"), max_length=64, required=False, placeholder="depth")
    operator = forms.ChoiceField(label=_("Comparison"), choices=OPERATORS, required=False)
    value = TextField(label=_("Value"), max_length=200, required=False, placeholder="75")

    def condition(self) -> Condition | None:
        given = self.cleaned_data
        if not given["key"]:
            return None
        operator = Operator(given["operator"] or Operator.EQUAL)
        value = None if operator is Operator.EXISTS else value_of(given["value"])
        return Condition(given["key"], operator, value)


ConditionFormSet = forms.formset_factory(
    ConditionForm, extra=0, max_num=MAX_CONDITIONS, absolute_max=MAX_CONDITIONS
)
CONDITIONS = "conditions"


def value_of(typed: str) -> str | int | float | bool:
    """Return a typed value: 75 is a number, true is true, anything else, or in quotes, a text."""
    try:
        value = json.loads(typed)
    except ValueError:
        return typed
    return value if isinstance(value, str | int | float | bool) else typed


def text_of(value: object) -> str:
    """Return a kept value as one types it; a text that looks like a number in quotes."""
    if value is None:
        return ""
    if isinstance(value, str) and value_of(value) == value:
        return value
    return json.dumps(value)


class GoalEditor:
    """A goal and its conditions as one form, bound to what was sent or to what is saved."""

    def __init__(self, goal: Goal | None, data: QueryDict | None) -> None:
        self.goal = goal
        self.refusals: list[str] = []
        kept: dict[str, Any] = {"role": GoalRole.SECONDARY} if goal is None else _initial(goal)
        rows: list[dict[str, Any]] = kept.pop(CONDITIONS, [])
        blank: list[dict[str, Any]] = [{} for _row in range(MAX_CONDITIONS - len(rows))]
        self.form = GoalForm(data, initial=kept)
        self.conditions = ConditionFormSet(data, initial=[*rows, *blank], prefix=CONDITIONS)

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), self.conditions.is_valid()])

    @property
    def has_errors(self) -> bool:
        return self.form.is_bound and not self.is_valid()

    @property
    def has_conditions(self) -> bool:
        return any(form["key"].value() for form in self.conditions.forms)

    def draft(self) -> GoalDraft:
        made = (form.condition() for form in self.conditions.forms)
        return self.form.draft(condition for condition in made if condition)

    def show(self, problems: dict[str, list[str]]) -> None:
        """Show what the rules say beside the fields that they are about."""
        for field, sentences in problems.items():
            self.form.add_error(field if field in self.form.fields else None, sentences)


def _initial(goal: Goal) -> dict[str, Any]:
    draft = draft_of(goal)
    return {
        "name": draft.name,
        "role": draft.role,
        "harm": draft.harm,
        "event_types": list(draft.event_types),
        "measure": draft.measure,
        "value_key": draft.value_key,
        CONDITIONS: [
            {"key": c.key, "operator": c.operator.value, "value": text_of(c.value)}
            for c in draft.conditions
        ],
    }
