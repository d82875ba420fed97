"""Refusals of data that cannot be, with the number in the sentence."""

import math
import operator
from typing import SupportsIndex


def require_positive(name: str, value: float) -> None:
    """Refuse anything but a finite number above zero.

    Raises ValueError with the name and the value.
    """
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a number above 0, not {value!r}.")


def require_not_negative(name: str, value: float) -> None:
    """Refuse anything but a finite number of 0 or more.

    Raises ValueError with the name and the value.
    """
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} must be a number of 0 or more, not {value!r}.")


def require_probability(name: str, value: float) -> None:
    """Refuse anything but a number from 0 to 1, both ends allowed.

    Raises ValueError with the name and the value.
    """
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must lie between 0 and 1, not {value!r}.")


def require_open_probability(name: str, value: float) -> None:
    """Refuse anything but a number strictly between 0 and 1.

    Raises ValueError with the name and the value.
    """
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1, not {value!r}.")


def require_count(name: str, value: SupportsIndex) -> int:
    """Refuse anything but a whole number of 0 or more, and return it as an int.

    Other libraries' integers overflow where squares of counts are summed; Python's don't. Raises
    ValueError with the name and the value.
    """
    count = operator.index(value) if hasattr(value, "__index__") else -1
    if count < 0:
        raise ValueError(f"{name} must be a whole number of 0 or more, not {value!r}.")
    return count
