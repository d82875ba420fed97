"""Hand-written SQL, one statement a file, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def statement(name: str) -> str:
    """Return the text of `metrics/sql/<name>.sql`, without its comments."""
    text = Path(__file__).with_name(f"{name}.sql").read_text()
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return "\n".join(lines).rstrip().removesuffix(";")
