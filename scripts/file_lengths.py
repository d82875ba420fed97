"""Refuse source files that have grown past what can be read in one go."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LIMIT_LINES = 300
SUFFIXES = {".py", ".html", ".js", ".css"}
# The dashboard's one stylesheet: in parts it would be several downloads, or a build step.
MAY_BE_LONG = {Path("static/dashboard/dashboard.css")}
NOT_OURS = {"var", "migrations", "vendor", "node_modules", "__pycache__", "build"}


def too_long(root: Path) -> list[tuple[Path, int]]:
    """Return each source file below `root` that has more than LIMIT_LINES lines, and how many."""
    found = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [
            name for name in subfolders if name not in NOT_OURS and not name.startswith(".")
        ]
        for name in names:
            path = Path(folder, name)
            if path.suffix in SUFFIXES and path.relative_to(root) not in MAY_BE_LONG:
                lines = len(path.read_bytes().splitlines())
                if lines > LIMIT_LINES:
                    found.append((path.relative_to(root), lines))
    return sorted(found)


if __name__ == "__main__":
    failures = too_long(PROJECT)
    for path, lines in failures:
        print(f"{path}: {lines} lines, {LIMIT_LINES} are allowed. Split it by entity or by verb.")
    sys.exit(bool(failures))
