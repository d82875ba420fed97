"""Take pictures of every page, in two sizes and two colour schemes, and renew the README's two.

    .venv/bin/python scripts/screenshots.py            every picture
    .venv/bin/python scripts/screenshots.py home plan  those of the screens named home… and plan…

Starts the product by itself, on a free port and with data of its own, lets simulated visitors come,
and drives Chromium through it. The pictures go to var/screenshots/, the README's to docs/images/.
CHROMIUM names another browser than the one that is found.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    sync_playwright,
)

PROJECT = Path(__file__).resolve().parent.parent
sys.path.append(str(PROJECT))

from screen_list import SCREENS  # noqa: E402  (needs the line above)
from screen_setup import NAME_FORGOTTEN  # noqa: E402  (needs it too)
from screens import ACCOUNTS, Screen, Site, prepare, sign_in  # noqa: E402  (needs it too)

PICTURES = PROJECT / "var" / "screenshots"
README_PICTURES = PROJECT / "docs" / "images"
# A folder of its own, so that nobody's development data are touched; made anew each time.
SITE_DATA = PROJECT / "var" / "screenshots-site"
SIMULATED = ("--visitors", "20000", "--days", "14", "--lift", "0.15", "--seed", "7")

SIZES = {"1440x900": (1440, 900), "390x844": (390, 844)}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
MOST_BYTES = 300_000
PATIENCE_MS = 15_000


# The README's pictures: the upper part of these screens, as a desktop shows it.
README_SIZE, README_SCHEME = "1440x900", SCHEMES[0]
README_SCREENS = {"landing-control": "landing.png", "results": "results.png"}


def main() -> None:
    """Make all pictures, or exit with a sentence."""
    browser_path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if browser_path is None:
        sys.exit("No Chromium is found. Install it, or name one: CHROMIUM=/path/to/chromium.")
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    README_PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright, running_site(playwright) as site:
        prepare(site)
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        remember_sign_ins(browser, site)
        wanted = [screen for screen in SCREENS if screen.name.startswith(tuple(sys.argv[1:]) or "")]
        failed = [
            f"{screen.name}-{size}"
            for screen in wanted
            for size in SIZES
            if not take(browser, site, screen, size)
        ]
        browser.close()
        forgotten = [] if sys.argv[1:] else forgotten_pages(site)
    print(f"{len(list(PICTURES.iterdir()))} pictures in {PICTURES.relative_to(PROJECT)}/")
    if failed:
        print(f"Without a picture, as said above: {', '.join(failed)}.")
    if forgotten:
        print(f"Without a picture; add them to scripts/screen_list.py: {', '.join(forgotten)}.")
    sys.exit(bool(failed or forgotten))


@contextmanager
def running_site(playwright: Playwright) -> Iterator[Site]:
    """Serve the product, seeded, for the length of the block."""
    shutil.rmtree(SITE_DATA, ignore_errors=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    unset = ("DATABASE_URL", "APP_ENV", "CACHE_URL", "EMBEDDED_PROFILE")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    # One address takes all pictures; its limits are not what they are about.
    environment |= {f"RATE_LIMIT_{name}": "0" for name in ("SIGNUPS", "SIGN_INS", "BATCHES")}
    environment |= {"VAR_DIR": str(SITE_DATA), "PORT": str(port)}

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        ran = subprocess.run(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE)
        if ran.returncode:
            sys.exit(f"manage.py {arguments[0]} failed.")
        return ran.stdout.decode()

    server = subprocess.Popen(
        [sys.executable, "-m", "config.serve"],
        cwd=PROJECT,
        env=environment | {"LOG_LEVEL": "WARNING"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        # The last line that it prints, once it serves.
        if not any("Ctrl-C" in line for line in server.stdout or ()):
            sys.exit("The site did not start; what it says is above.")
        print(manage("seed", *SIMULATED).splitlines()[-1])
        url = f"http://localhost:{port}"
        requests = playwright.request.new_context(base_url=url, max_redirects=0)
        yield Site(url, manage, requests)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        shutil.rmtree(SITE_DATA, ignore_errors=True)


def remember_sign_ins(browser: Browser, site: Site) -> None:
    """Sign each account in once, and keep its cookies for the pictures."""
    for account in ACCOUNTS:
        context = browser.new_context(base_url=site.url)
        sign_in(context.new_page(), account)
        site.signed_in[account] = context.storage_state()
        context.close()


def take(browser: Browser, site: Site, screen: Screen, size: str) -> bool:
    """Take a screen's pictures of one size, and print what is wrong with it; False without any."""
    width, height = SIZES[size]
    # A context for each: nobody's cookies and no scroll position are left over.
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        storage_state=site.signed_in.get(screen.account),
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    complaints: list[str] = []
    listen(page, complaints.append)
    try:
        screen.show(page, site)
    except Error as error:
        print(f"{screen.name}-{size}: {error.message}")
        context.close()
        return False
    page.wait_for_load_state("networkidle")
    site.pictured.add(urlsplit(page.url).path)
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if overflow > 0:
        complaints.append(f"{overflow} px wider than the window")
    if size == README_SIZE and screen.name in README_SCREENS:
        drawn_in(page, README_SCHEME)
        renew(README_PICTURES / README_SCREENS[screen.name], page.screenshot())
    if "/dashboard/" in page.url and not page.locator("iframe").count():
        # As tall as the page, so that what sticks to the window's edges stands at the page's.
        tall = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": max(height, tall)})
    for scheme in SCHEMES:
        drawn_in(page, scheme)
        page.screenshot(path=PICTURES / f"{screen.name}-{size}-{scheme}.png", full_page=True)
    for complaint in complaints:
        print(f"{screen.name}-{size}: {complaint}")
    context.close()
    return True


def drawn_in(page: Page, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    # Colours have arrived when two frames were drawn with them.
    page.evaluate(
        "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
    )


def forgotten_pages(site: Site) -> list[str]:
    """Return the names of the pages that no picture shows."""
    command = NAME_FORGOTTEN.format(sorted(site.pictured))
    told = site.manage("shell", "--no-imports", "--command", command)
    return [str(name) for name in json.loads(told.splitlines()[-1])]


def renew(path: Path, picture: bytes) -> None:
    if len(picture) > MOST_BYTES:
        sys.exit(f"{path.name} takes {len(picture)} bytes, and may take {MOST_BYTES}.")
    path.write_bytes(picture)


def listen(page: Page, complain: Callable[[str], None]) -> None:
    """Report errors of scripts; that a page is answered with a 404, say, is what it is about."""
    page.on("console", lambda said: complain(said.text) if is_error(said) else None)
    page.on("pageerror", lambda error: complain(str(error)))


def is_error(said: ConsoleMessage) -> bool:
    return said.type == "error" and not said.text.startswith("Failed to load resource")


if __name__ == "__main__":
    main()
