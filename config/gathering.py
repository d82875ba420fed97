"""When a group of calls is complete: what arrives together should be committed together.

A group costs the database and this process as much as twenty to fifty calls in it. So who waits a
moment for those who are about to come has the more done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

# A group is begun after so long, also while further calls are still arriving; and when it has so
# many calls.
GATHERING_SECONDS = 0.002
ENOUGH_CALLS = 256


class Gathering:
    """Says by `begin` that what has come makes a group, and waits for `end` before the next one.

    `outstanding` tells how many callers have no answer yet, those included who have come.
    """

    def __init__(self, begin: Callable[[], None], outstanding: Callable[[], int]) -> None:
        self._loop = asyncio.get_running_loop()
        self._tell = begin
        self._outstanding = outstanding
        # How many came since a group was last begun.
        self._came = 0
        self._came_a_turn_ago = 0
        self._is_taking_stock = False
        self._is_under_way = False
        # Callers who were waiting at the same time usually come back: so many are waited for.
        self._expected = 1
        self._deadline: asyncio.TimerHandle | None = None

    def note(self) -> None:
        """Note that a call has come."""
        self._came += 1
        if not self._is_under_way:
            self._go_on()

    def end(self) -> None:
        """Note that the group has been done. Its callers are about to come back."""
        self._is_under_way = False
        if self._came:
            self._go_on()

    def _go_on(self) -> None:
        if self._deadline is None:
            self._deadline = self._loop.call_later(GATHERING_SECONDS, self.begin)
        is_complete = self._came >= min(self._expected, ENOUGH_CALLS)
        if is_complete and not self._is_taking_stock:
            self._is_taking_stock = True
            self._take_stock_in_a_turn()

    def begin(self) -> None:
        """Let what has come be a group, without waiting for more."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._is_under_way = True
        self._came = self._came_a_turn_ago = 0
        # Who stays away is expected no more: soon where many do.
        self._expected = max(self._outstanding(), self._expected * 7 // 8, 1)
        self._tell()

    def _take_stock_in_a_turn(self) -> None:
        self._came_a_turn_ago = self._came
        self._loop.call_soon(self._take_stock)

    def _take_stock(self) -> None:
        """Begin once a turn of the loop brought no further call.

        A call that arrives alone waits for one turn of an idle loop, some 10 µs.
        """
        if self._came > self._came_a_turn_ago:
            self._take_stock_in_a_turn()
            return
        self._is_taking_stock = False
        # It may have been begun meanwhile.
        if self._came and not self._is_under_way:
            self.begin()
