"""Renew the pictures of docs/first-experiment.md, by the test that walks the same way.

.venv/bin/python scripts/walk_pictures.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PICTURES = PROJECT / "docs" / "images" / "first-experiment"


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    test = "tests/e2e/test_first_experiment.py"
    command = [sys.executable, "-m", "pytest", "-q", test]
    environment = {**os.environ, "WALK_PICTURES": str(PICTURES), "REQUIRE_BROWSER": "1"}
    walked = subprocess.run(command, cwd=PROJECT, env=environment)
    if walked.returncode:
        sys.exit("The walk broke off; what it says is above.")
    for picture in sorted(PICTURES.iterdir()):
        print(f"{picture.relative_to(PROJECT)}: {picture.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
