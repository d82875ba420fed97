"""axe-core, run in a page: what keeps people out who see, hear or move differently."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

# What axe-core holds pages against: WCAG 2.2 AA, and what it calls good practice.
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# Of these alone the outcome depends on colours.
COLOURS = ["color-contrast", "link-in-text-block"]
# What stands in a frame is a page of its own, with a visit of its own.
_RUN = """async (run) => {
  const { violations } = await axe.run({ exclude: ["iframe"] }, run);
  const said = (node) => `${node.target.join(" ")}: ${node.failureSummary}`;
  return violations.map(({ id, nodes }) => ({ rule: id, at: nodes.slice(0, 4).map(said) }));
}"""
# Colours have arrived when two frames were drawn with them.
_DRAWN = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


@cache
def _source() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """Return a line for each rule that the page breaks now; of `rules` alone, if given."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    only: dict[str, Any] = (
        {"type": "rule", "values": rules} if rules else {"type": "tag", "values": STANDARDS}
    )
    found = page.evaluate(_RUN, {"runOnly": only, "resultTypes": ["violations"]})
    return [f"{each['rule']}: {json.dumps(each['at'], ensure_ascii=False)}" for each in found]


def violations_in_both_themes(page: Page) -> list[str]:
    """Return what is wrong in light, and what colours make wrong in dark."""
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate(_DRAWN)
    found += [f"in dark: {line}" for line in violations(page, rules=COLOURS)]
    page.emulate_media(color_scheme="light")
    page.evaluate(_DRAWN)
    return found
