"""What the tracker's reports look like from the server's side: rows, waited for with a deadline."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from experiments.models import Experiment
from metrics.models import Event

ENDPOINT = "**/api/events/batch"
DEADLINE_SECONDS = 30.0


def wait_for(page: Page, condition: Callable[[], bool], what: str) -> None:
    """Let the page live until the condition holds; fail once the deadline has passed."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {DEADLINE_SECONDS:.0f} s for {what}"
        page.wait_for_timeout(25)


def scroll_to_bottom(page: Page) -> None:
    """Scroll down as a person does, by the wheel."""
    page.mouse.move(700, 450)

    def is_there() -> bool:
        page.mouse.wheel(0, 1000)
        seen = "scrollY + innerHeight >= document.documentElement.scrollHeight - 1"
        return bool(page.evaluate(seen))

    wait_for(page, is_there, "the end of the page")


def kept(**filters: Any) -> list[Event]:
    return list(Event.objects.filter(**filters).order_by("created_at"))


def types_kept(**filters: Any) -> list[str]:
    return sorted(event.event_type for event in kept(**filters))


def wait_for_events(page: Page, count: int, **filters: Any) -> list[Event]:
    """Return the events that match once there are as many; more are seen by the caller."""
    wait_for(page, lambda: len(kept(**filters)) >= count, f"{count} events like {filters}")
    return kept(**filters)


def send_pending(page: Page) -> None:
    """Leave the page, which makes the tracker send what waits."""
    page.goto("about:blank")


def blended(event_id: str, experiment: Experiment) -> uuid.UUID:
    """Return the id that an experiment's report of this happening has."""
    return uuid.UUID(int=uuid.UUID(event_id).int ^ experiment.id.int)
