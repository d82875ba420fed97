"""Moments on pages: UTC from the server, in the form that the script writes too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.template import Context, Template
from django.utils import translation

WHEN = datetime(2026, 3, 5, 23, 7, 9, 123456, tzinfo=UTC)


def rendered(arguments: str, **context: object) -> str:
    return Template(f"{{% load times %}}{{% moment {arguments} %}}").render(Context(context))


@pytest.mark.parametrize(
    ("arguments", "precision", "text"),
    [
        ("when", "minute", "5 Mar 2026, 23:07"),
        ('when "day"', "day", "5 Mar 2026"),
        ('when "clock"', "clock", "23:07:09"),
    ],
)
def test_moment_is_written_in_utc_with_utc_on_hover(
    arguments: str, precision: str, text: str
) -> None:
    hover = "5 Mar 2026, 23:07:09 UTC" if precision == "clock" else "5 Mar 2026, 23:07 UTC"
    assert rendered(arguments, when=WHEN) == (
        f'<time class="moment" datetime="2026-03-05T23:07:09Z" title="{hover}" '
        f'data-moment="{precision}">{text}</time>'
    )


def test_moment_of_another_zone_is_the_same_moment() -> None:
    elsewhere = WHEN.astimezone(timezone(timedelta(hours=9)))
    assert rendered("when", when=elsewhere) == rendered("when", when=WHEN)


def test_moment_that_never_was_is_said_in_words() -> None:
    assert rendered("when", when=None) == "–"
    assert rendered('when otherwise="Never"', when=None) == "Never"


def test_moment_in_german_is_written_as_germans_write_it() -> None:
    with translation.override("de"):
        written = rendered("when", when=WHEN)
    assert 'title="05.03.2026, 23:07 UTC"' in written
    assert ">05.03.2026, 23:07</time>" in written
