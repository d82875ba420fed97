"""What is measured against which limit, and how much of it there should be."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from benchmarks.load import Measured

EVENTS_A_BATCH = 50


@dataclass(frozen=True, slots=True)
class Work:
    """One row: a load on the product, and the load on bare Django that it is judged against.

    `at_least` is the ratio of their rates that the product promises itself.
    """

    name: str
    kind: str
    connections: int
    limit: str
    at_least: float


# Limits are driven with as many connections as the work that is judged by them.
WORKS = (
    Work("landing page, returning visitor", "page_returning", 32, "page_limit", 0.70),
    Work("landing page, new visitor", "page_new", 32, "page_limit", 0.45),
    Work("assignment, returning visitor", "assignment_returning", 32, "two_bytes", 1.3),
    Work("assignment, new visitor", "assignment_new", 32, "two_bytes", 1.0),
    Work("single event, 32 connections", "event", 32, "two_bytes", 1.3),
    Work("single event, 128 connections", "event", 128, "two_bytes", 2.0),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report. `met` is None where a figure is shown for its own sake."""

    name: str
    figure: str
    promised: str
    met: bool | None
    p50: float | None = None
    p99: float | None = None


def row_of(work: Work, measured: list[Measured], limits: list[list[Measured]]) -> Row:
    """Judge a work by the median of its rounds' ratios.

    A round's limit is that round's own: the better of those measured right before and after the
    work. (gunicorn's threaded worker is three times slower where one process happens to accept
    most connections. That isn't what a limit is.)
    """
    ratios = [
        m.rate / max(limit.rate for limit in around)
        for m, around in zip(measured, limits, strict=True)
    ]
    ratio = median(ratios)
    spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
    return Row(
        name=work.name,
        figure=f"{ratio:.2f} × {work.limit.replace('_', ' ')} ({spread}), "
        f"{median(m.rate for m in measured):,.0f}/s",
        promised=f"≥ {work.at_least:.2f}",
        met=ratio >= work.at_least,
        p50=median(m.p50 for m in measured),
        p99=median(m.p99 for m in measured),
    )
