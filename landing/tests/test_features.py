"""The registry of toggles says what the page's code reads, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from experiments.features import FEATURES

ROOT = Path(settings.BASE_DIR)
SOURCES = [
    path
    for folder, pattern in (("landing", "*.py"), ("templates/landing", "*.html"))
    for path in (ROOT / folder).rglob(pattern)
    if "tests" not in path.parts
]
# `"key" in features`, in Python and in templates, and the snapshot's own question.
READS = re.compile(
    r"""["']([a-z][a-z0-9_]*)["']\s+(?:not\s+)?in\s+\w*features|is_enabled\(["'](\w+)["']"""
)


def keys_read() -> set[str]:
    return {
        found[1] or found[2] for source in SOURCES for found in READS.finditer(source.read_text())
    }


def test_registry_names_every_toggle_that_a_page_reads_and_no_other() -> None:
    assert keys_read() == set(FEATURES)
