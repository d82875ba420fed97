"""Toggles on the page: the registry names what its code reads; shares and times hold."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from experiments.bucketing import bucket_of
from experiments.features import FEATURES
from experiments.models import Toggle
from experiments.tests.factories import ToggleFactory
from experiments.toggles import update_toggle

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


def visitors_by(toggle: Toggle, share: int) -> tuple[str, str]:
    """Return a visitor within the share of a toggle, and one beyond it."""
    ids = [str(UUID(int=n, version=4)) for n in range(200)]
    buckets = {visitor: bucket_of(visitor, str(toggle.id)) for visitor in ids}
    within = next(v for v, bucket in buckets.items() if bucket < share)
    return within, next(v for v, bucket in buckets.items() if bucket >= share)


def has_banner(visitor_id: str = "", **headers: str) -> bool:
    client = Client()
    if visitor_id:
        client.cookies["visitor_id"] = visitor_id
    return 'id="hero-banner"' in client.get("/", headers=headers).content.decode()


@pytest.mark.django_db
def test_feature_for_some_stays_with_its_visitors_and_is_off_for_who_is_not_counted() -> None:
    toggle = ToggleFactory.create(key="show_hero_banner", enabled=True, rollout=30)
    within, beyond = visitors_by(toggle, 30)
    assert [has_banner(within) for _ in range(3)] == [True] * 3
    assert [has_banner(beyond) for _ in range(3)] == [False] * 3
    bot = {"User-Agent": "Examplebot/1.0"}
    assert not has_banner(within, **bot)
    update_toggle(toggle_id=toggle.id, rollout=100)
    assert has_banner(beyond)
    assert has_banner(within, **bot)


@pytest.mark.django_db
def test_feature_turns_on_and_off_by_the_clock_on_pages_that_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began = timezone.now() + timedelta(days=1)
    ended = began + timedelta(hours=1)
    ToggleFactory.create(
        key="show_hero_banner", enabled=True, turns_on_at=began, turns_off_at=ended
    )
    visitor, _ = visitors_by(Toggle.objects.get(), 50)
    tick = timedelta(milliseconds=1)
    shown = []
    for moment in (began - tick, began, ended - tick, ended):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        shown.append(has_banner(visitor))
    assert shown == [False, True, True, False]
