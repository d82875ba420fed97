"""The content keys of the landing page: what a variant may change, and what it says by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContentKey:
    """One text of the page: its name in forms, its default, and the most characters it may have."""

    key: str
    label: str
    default: str
    max_length: int
    is_long: bool = False


CONTENT_KEYS: tuple[ContentKey, ...] = (
    ContentKey("hero_badge", "Hero badge", "New: hand-over notes", 60),
    ContentKey("hero_headline", "Hero headline", "Leave work with tomorrow already planned", 120),
    ContentKey(
        "hero_text",
        "Hero text",
        "Morrowdesk turns the last ten minutes of the day into a plan that your whole team can see, "
        "so that nobody starts the morning by asking what to do.",
        400,
        is_long=True,
    ),
    ContentKey("cta_label", "CTA wording", "Start your free trial", 40),
    ContentKey("cta_note", "Line under the CTA", "Free for 30 days. No card needed.", 120),
    ContentKey("social_proof_title", "Social proof title", "Teams that end the day on time", 120),
    ContentKey(
        "social_proof_text",
        "Social proof text",
        "What people say after their first month with Morrowdesk.",
        300,
        is_long=True,
    ),
)
KEYS: Mapping[str, ContentKey] = {entry.key: entry for entry in CONTENT_KEYS}
DEFAULTS: Mapping[str, str] = {entry.key: entry.default for entry in CONTENT_KEYS}


def content_errors(content: Mapping[str, str]) -> dict[str, str]:
    """Return {content key: what is wrong} for the entries that a page couldn't show."""
    errors = {}
    for key, text in content.items():
        entry = KEYS.get(key)
        if entry is None:
            errors[key] = f"The page has no content key “{key}”."
        elif len(text) > entry.max_length:
            errors[key] = (
                f"{entry.label} takes at most {entry.max_length} characters; this has {len(text)}."
            )
    return errors


def labels_of(keys: Iterable[str]) -> str:
    """Return the names of content keys for a sentence: “Hero badge, CTA wording”."""
    return ", ".join(KEYS[key].label if key in KEYS else key for key in sorted(keys))
