"""A progress bar for commands that take a while."""

from __future__ import annotations

from django.core.management.base import OutputWrapper

WIDTH = 40


def show_progress(stdout: OutputWrapper, done: int, total: int, what: str) -> None:
    """Draw the bar over the one before; where there is no terminal, only once, at the end."""
    if not stdout.isatty() and done != total:
        return
    filled = WIDTH * done // total
    bar = "█" * filled + "·" * (WIDTH - filled)
    start = "\r" if stdout.isatty() else ""
    stdout.write(f"{start}{bar} {done:,} of {total:,} {what}", ending="\n" if done == total else "")
    stdout.flush()
