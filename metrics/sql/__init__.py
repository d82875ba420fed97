"""Hand-written SQL, one statement a file, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def statement(name: str, **parts: str) -> str:
    """Return the text of `metrics/sql/<name>.sql`, without its comments, its {parts} filled in."""
    text = Path(__file__).with_name(f"{name}.sql").read_text()
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("--"))
    text = "\n".join(lines).rstrip().removesuffix(";")
    for part, sql in parts.items():
        text = text.replace(f"{{{part}}}", sql)
    return text
