"""What an event's metadata must say for a goal to be reached.

metrics/sql/touched.sql decides the same over raw events; a property test holds them together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from operator import ge, gt, le, lt
from typing import Any

from django.utils.translation import gettext as _

from experiments.answers import is_storable_text

KEY_LENGTH, TEXT_LENGTH = 64, 200
MAX_CONDITIONS = 5
# Beyond it a double can't tell neighbouring whole numbers apart.
LARGEST_NUMBER = 2**53


class Operator(StrEnum):
    """How a value is compared. A missing key, or null under it, meets no condition at all."""

    EQUAL = "="
    # Whatever else is there, of whatever type.
    NOT_EQUAL = "!="
    AT_LEAST = ">="
    MORE = ">"
    AT_MOST = "<="
    LESS = "<"
    # A text within a text, in the same case.
    CONTAINS = "contains"
    EXISTS = "exists"


ORDERINGS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.AT_LEAST: ge,
    Operator.MORE: gt,
    Operator.AT_MOST: le,
    Operator.LESS: lt,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """`{"key": "depth", "operator": ">=", "value": 75}`; "exists" has no value.

    Numbers are compared as numbers, texts as texts; true and false equal themselves only.
    """

    key: str
    operator: Operator
    value: str | int | float | bool | None = None

    def is_met_by(self, metadata: Mapping[str, Any]) -> bool:
        found = metadata.get(self.key)
        if found is None:
            return False
        if self.operator is Operator.EXISTS:
            return True
        if self.operator is Operator.CONTAINS:
            return isinstance(found, str) and str(self.value) in found
        if self.operator in ORDERINGS:
            number = number_of(found)
            return number is not None and ORDERINGS[self.operator](number, number_of(self.value))
        return _are_equal(found, self.value) is (self.operator is Operator.EQUAL)

    def as_json(self) -> dict[str, Any]:
        """Return the condition as it is kept with its goal."""
        told: dict[str, Any] = {"key": self.key, "operator": self.operator.value}
        return told if self.operator is Operator.EXISTS else {**told, "value": self.value}


def condition_from(kept: Mapping[str, Any]) -> Condition:
    """Return the condition that a goal keeps."""
    return Condition(kept["key"], Operator(kept["operator"]), kept.get("value"))


def number_of(value: object) -> Decimal | int | None:
    """Return a JSON number as the decimal that is written down, None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return Decimal(repr(value))
    return value if isinstance(value, int) else None


def _are_equal(one: object, other: object) -> bool:
    numbers = number_of(one), number_of(other)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return type(one) is type(other) and one == other


def condition_problems(conditions: Sequence[Condition]) -> list[str]:
    """Return what is wrong with a goal's conditions, as sentences."""
    problems = [problem for condition in conditions for problem in _problems(condition)]
    if len(conditions) > MAX_CONDITIONS:
        told = _("A goal has at most %(most)s conditions.")
        problems.append(told % {"most": MAX_CONDITIONS})
    return problems


def _problems(condition: Condition) -> list[str]:
    problem = key_problem(condition.key)
    if problem:
        return [problem]
    sentence = _sentence(condition)
    values = {
        "key": condition.key,
        "operator": condition.operator,
        "most": TEXT_LENGTH,
        "length": len(str(condition.value)),
        "largest": f"{LARGEST_NUMBER:,}",
    }
    return [sentence % values] if sentence else []


def _sentence(condition: Condition) -> str:
    value = condition.value
    if condition.operator in ORDERINGS and number_of(value) is None:
        return _("The condition on “%(key)s” compares numbers; “%(operator)s” needs one.")
    if condition.operator is Operator.CONTAINS and not (isinstance(value, str) and value):
        return _("The condition on “%(key)s” looks for a text; “contains” needs one.")
    if condition.operator is Operator.EXISTS:
        told = _("The condition on “%(key)s” asks only whether there is a value; give none.")
        return "" if value is None else told
    if isinstance(value, str):
        return _text_sentence(value)
    if not isinstance(value, bool | int | float):
        return _("The condition on “%(key)s” needs a text, a number, or true or false.")
    if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
        return _("The condition on “%(key)s” takes numbers up to %(largest)s.")
    return ""


def _text_sentence(value: str) -> str:
    if len(value) > TEXT_LENGTH:
        return _(
            "The condition on “%(key)s” takes at most %(most)s characters; this has %(length)s."
        )
    told = _("The condition on “%(key)s” has a character that can't be kept.")
    return "" if is_storable_text(value) else told


def key_problem(key: str) -> str | None:
    """Return what is wrong with the name of a metadata key, as a sentence, or None."""
    if not key or key != key.strip():
        return _("Name a metadata key, such as “depth”, without spaces around it.")
    if len(key) > KEY_LENGTH:
        told = _("A metadata key has at most %(most)s characters; this has %(length)s.")
        return told % {"most": KEY_LENGTH, "length": len(key)}
    if not is_storable_text(key):
        return _("A metadata key can't hold such a character.")
    return None
