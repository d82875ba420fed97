"""How numbers are written: thousands separators, sensible precision, and never a naked 0 or 100 %.

Functions from a number to its text in the reader's language, whose separators it has; English is
the example. `templatetags/figures.py` offers them to templates.
"""

from __future__ import annotations

import math

from django.utils.formats import get_format
from django.utils.translation import gettext as _

from metrics.stats.types import Interval

# Between a number and its unit, where no line may break.
NBSP = "\u00a0"
NOTHING = "–"
# Below this the tail functions are still exact, but nobody can use the digits.
SMALLEST_P = 1e-16
SIGNIFICANT_BELOW = 0.05


def localized(text: str) -> str:
    """Return a text that Python wrote, such as 12,345.6, with the separators of the language."""
    separators = {",": get_format("THOUSAND_SEPARATOR"), ".": get_format("DECIMAL_SEPARATOR")}
    return text.translate(str.maketrans(separators))


def count(number: int | None) -> str:
    """Return a whole number with thousands separators: 12,345."""
    return NOTHING if number is None else localized(f"{number:,}")


def percent(share: float | None) -> str:
    """Return a share (0 to 1) in percent with about three figures: 12.3 %, 4.56 %, 0.123 %.

    0 and 100 are written only where they are exact.
    """
    return NOTHING if share is None else f"{localized(_percent_number(share))}{NBSP}%"


def interval(bounds: Interval | None) -> str:
    """Return a range of shares in percent: 11.2–13.4 %. Both ends have one precision."""
    if bounds is None:
        return NOTHING
    places = _places(bounds.upper)
    lower, upper = (_clamped(share, places) for share in (bounds.lower, bounds.upper))
    return localized(f"{lower}–{upper}{NBSP}%")


def p_value(p: float | None) -> str:
    """Return a p-value as an equation: “p = 0.034”, “p = 3.1e-7”, “p < 1e-16”; never 0.

    Rounding never carries a value over the line between significant and not.
    """
    if p is None:
        return f"p {NOTHING}".replace(" ", NBSP)
    return localized(f"p {_p_relation(p)}").replace(" ", NBSP)


def _p_relation(p: float) -> str:
    if p < SMALLEST_P:
        return "< 1e-16"
    if p < 0.0001:
        mantissa, exponent = f"{p:.1e}".split("e")
        return f"= {mantissa}e{int(exponent)}"
    if p == 1:
        return "= 1"
    if p > 0.999:
        return "> 0.999"
    # Two figures for the small ones, three decimals for the others.
    for places in range(3 if p >= 0.01 else 2 - math.ceil(math.log10(p)), 17):
        text = f"{p:.{places}f}"
        if (float(text) < SIGNIFICANT_BELOW) == (p < SIGNIFICANT_BELOW):
            return f"= {text}"
    return f"= {p!r}"


def _percent_number(share: float) -> str:
    return _clamped(share, _places(share))


def _places(share: float) -> int:
    """Return how many decimals leave about three figures of a share in percent."""
    value = share * 100
    return 1 if value >= 10 else 2 if value >= 1 else 3


def _clamped(share: float, places: int) -> str:
    if share in (0, 1):
        return f"{share * 100:.0f}"
    text = f"{share * 100:.{places}f}"
    step = 10**-places
    if float(text) == 0:
        return f"<{NBSP}{step:.{places}f}"
    if float(text) >= 100 and share < 1:
        return f">{NBSP}{100 - step:.{places}f}"
    return text


def signed_percent(share: float | None) -> str:
    """Return a lift in percent with its sign: +12.3 %, −4.56 %; 0 only where it is exact."""
    return NOTHING if share is None else f"{localized(_signed_number(share))}{NBSP}%"


def signed_points(difference: float | None) -> str:
    """Return a difference of two shares in percentage points: +1.23 points."""
    return NOTHING if difference is None else _in_points(_signed_number(difference))


def points(share: float | None) -> str:
    """Return a share of visitors in percentage points, without a sign: 0.12 points."""
    return NOTHING if share is None else _in_points(_percent_number(share))


def _in_points(number: str) -> str:
    return (_("%(number)s points") % {"number": localized(number)}).replace(" ", NBSP)


def amount(value: float | None) -> str:
    """Return a number of any unit with about four figures: 1,234, 12.35, −0.042."""
    if value is None:
        return NOTHING
    if abs(value) >= 1000:
        return localized(f"{value:,.0f}").replace("-", "−")
    return localized(f"{value:.4g}").replace("-", "−")


def lift_ends(bounds: Interval) -> tuple[str, str]:
    """Return both ends of a range of lifts: −4.1 %, +33.0 %. They have one precision."""
    lower, upper = _signed_ends(bounds)
    return localized(f"{lower}{NBSP}%"), localized(f"{upper}{NBSP}%")


def lift_interval(bounds: Interval | None) -> str:
    """Return a range of lifts: −4.1 % to +33.0 %."""
    return NOTHING if bounds is None else _from_to(*lift_ends(bounds))


def points_ends(bounds: Interval) -> tuple[str, str]:
    """Return both ends of a range of differences: −0.41, +3.30 points. They have one precision."""
    lower, upper = _signed_ends(bounds)
    return localized(lower), _in_points(upper)


def points_interval(bounds: Interval | None) -> str:
    """Return a range of differences: −0.41 to +3.30 points."""
    return NOTHING if bounds is None else _from_to(*points_ends(bounds))


def _from_to(lower: str, upper: str) -> str:
    return _("%(lower)s to %(upper)s") % {"lower": lower, "upper": upper}


def confidence(alpha: float | None) -> str:
    """Return the confidence of an interval at this alpha: 95 %, 99.67 %."""
    return NOTHING if alpha is None else localized(f"{(1 - alpha) * 100:.4g}{NBSP}%")


def _signed_ends(bounds: Interval) -> tuple[str, str]:
    places = _signed_places(max(abs(bounds.lower), abs(bounds.upper)))
    return _signed_number(bounds.lower, places), _signed_number(bounds.upper, places)


def _signed_number(share: float, places: int | None = None) -> str:
    """Return a change in percent with its sign; 0 only where it is exact."""
    places = _signed_places(abs(share)) if places is None else places
    text = f"{abs(share) * 100:,.{places}f}"
    if share and not float(text.replace(",", "")):
        text = f"{abs(share) * 100:.1g}"
    return "0" if share == 0 else f"{'−' if share < 0 else '+'}{text}"


def _signed_places(share: float) -> int:
    """Return how many decimals tell a change well: one of the tens of percent, two below."""
    return 1 if share >= 0.1 else 2
