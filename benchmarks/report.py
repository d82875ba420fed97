"""The table that a person reads, and the file that a program reads."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.works import Row

MARKS = {True: "yes", False: "NO", None: ""}


def table(rows: list[Row]) -> str:
    """Return the rows as one aligned table."""
    lines = [("work", "measured (median, range)", "p50 ms", "p99 ms", "promised", "met")]
    lines += [
        (row.name, row.figure, _ms(row.p50), _ms(row.p99), row.promised, MARKS[row.met])
        for row in rows
    ]
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def save(path: Path, rows: list[Row], raw: dict[str, Any], options: dict[str, Any]) -> None:
    """Write everything that was measured, with the machine that it was measured on."""
    content = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "processors": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
            "load": os.getloadavg(),
        },
        "options": options,
        "rows": [asdict(row) for row in rows],
        "measured": raw,
    }
    path.write_text(json.dumps(content, indent=1, default=str) + "\n")
