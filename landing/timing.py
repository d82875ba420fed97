"""What a page's parts took, for the browser's developer tools: `Server-Timing`.

In development alone: to strangers it would tell who needed the database.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpResponse


class Timings:
    """The parts of one answer, in the order in which they ended; times in milliseconds."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time what is done within, under a name that is a token of HTTP."""
        begun = time.perf_counter()
        yield
        self._parts.append(f"{name};dur={(time.perf_counter() - begun) * 1000:.2f}")

    def tell(self, response: HttpResponse) -> None:
        """Put the header on the answer, in development."""
        if settings.TELLS_TIMINGS:
            response["Server-Timing"] = ", ".join(self._parts)
