"""What browser tests share: Chromium without the outside world, and no mishap unnoticed.

Skipped with a reason where there is no Chromium; failed where REQUIRE_BROWSER=1 asks for one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.mishaps import Mishaps
from tests.e2e.reports import DEADLINE_SECONDS

HERE = Path(__file__).parent
# Playwright's own five seconds are little for a machine that does other things as well. Nothing
# waits so long that holds.
expect.set_options(timeout=DEADLINE_SECONDS * 1000)
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
NO_CHROMIUM = f"Browser tests need Chromium, and there is none at {CHROMIUM}."
QUIET = [
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    # Whatever it still wants to ask, it finds nobody.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these last: Playwright's event loop lives on, and would be in other tests' way."""
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session", autouse=True)
def chromium_or_skip() -> Iterator[None]:
    """Skip without Chromium, or fail where one is required; and let the ORM run in the loop."""
    if not os.access(CHROMIUM, os.X_OK):
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(NO_CHROMIUM)
        pytest.skip(NO_CHROMIUM)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": QUIET + sandbox}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Stand in for the plugin's own, which warns on this pytest; the live server has one."""


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any], live_server: Any) -> dict[str, Any]:
    return {
        **browser_context_args,
        "base_url": live_server.url,
        "viewport": {"width": 1440, "height": 900},
    }


@pytest.fixture(autouse=True)
def mishaps(context: BrowserContext) -> Iterator[Mishaps]:
    """Fail the test for whatever goes wrong in its browser and isn't expected."""
    watcher = Mishaps(context)
    yield watcher
    assert watcher.unexpected() == []


@pytest.fixture
def expected_in_console(mishaps: Mishaps) -> Callable[[str], None]:
    """Take part of what the console will say because the test provokes it."""
    return mishaps.expect
