"""Pictures of a walk through the product, for its documentation, where somebody asks for them."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = "WALK_PICTURES"
MOST_BYTES = 100_000
# From the best; the first that is small enough is kept.
QUALITIES = (85, 70, 55, 40)


def take(page: Page, name: str) -> None:
    """Keep what the window shows as `name`.webp in the folder that WALK_PICTURES names, if any."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return
    page.wait_for_load_state("networkidle")
    camera = page.context.new_cdp_session(page)
    for quality in QUALITIES:
        shot = camera.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        picture = base64.b64decode(shot["data"])
        if len(picture) <= MOST_BYTES:
            break
    camera.detach()
    assert len(picture) <= MOST_BYTES, f"{name} takes {len(picture)} bytes"
    Path(folder, f"{name}.webp").write_bytes(picture)
