"""Event loops for tests, in threads of their own: in the main one, a browser's may be running."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, as `asyncio.run` does."""
    with ThreadPoolExecutor(1, thread_name_prefix="loop") as threads:
        return threads.submit(asyncio.run, main).result()
