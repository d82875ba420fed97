"""Draw static/landing/og.png, the picture that stands for the page where its link is shared.

    .venv/bin/python scripts/og_image.py

Made of the page's own: its headline, mark, day board and colours, in Chromium. Where any of these
changed, draw it anew. CHROMIUM names another browser than the one that is found.
"""

from __future__ import annotations

import os
import shutil
import sys
from html import escape
from pathlib import Path

from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
sys.path.append(str(PROJECT))

from experiments.content_keys import CONTENT_KEYS  # noqa: E402  (needs the line above)

PICTURE = PROJECT / "static" / "landing" / "og.png"
# What the sites that show it ask for.
WIDTH, HEIGHT = 1200, 630
PARTS = PROJECT / "templates" / "landing" / "parts"

LAYOUT = """
body { width: 1200px; height: 630px; overflow: hidden; position: relative;
  background: linear-gradient(var(--sky-high), var(--sky-mid) 45%, var(--sky-low)); }
.brand { position: absolute; left: 72px; top: 167px; gap: 12px; font-size: 26px; }
.brand .mark { width: 42px; height: 42px; }
h1 { position: absolute; left: 72px; top: 252px; width: 520px; font-size: 68px; }
.board { position: absolute; left: 620px; top: 50px; width: 556px; max-width: none; }
"""


def main() -> None:
    """Draw the picture, or exit with a sentence."""
    browser_path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if browser_path is None:
        sys.exit("No Chromium is found. Install it, or name one: CHROMIUM=/path/to/chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT},
            color_scheme="light",
            reduced_motion="reduce",
        )
        page.set_content(_document())
        page.screenshot(path=PICTURE)
        browser.close()
    print(f"{PICTURE.relative_to(PROJECT)}: {PICTURE.stat().st_size:,} bytes")


def _document() -> str:
    css = (PROJECT / "static" / "landing" / "landing.css").read_text()
    mark, board = ((PARTS / f"{name}.html").read_text() for name in ("mark", "day_board"))
    [headline] = [entry.default for entry in CONTENT_KEYS if entry.key == "hero_headline"]
    return (
        f"<!doctype html><style>{css}{LAYOUT}</style>"
        f'<p class="brand">{mark}Morrowdesk</p><h1>{escape(headline)}</h1>{board}'
    )


if __name__ == "__main__":
    main()
