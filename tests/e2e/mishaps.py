"""What goes wrong in a test's browser, so that nothing goes wrong unnoticed."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

# A request that a navigation overtook didn't fail; it was no longer wanted.
_OVERTAKEN = "net::ERR_ABORTED"


class Mishaps:
    """Console errors and warnings, exceptions and failed requests of a browser context.

    An answer of 400 or more is among them: Chromium says so in its console.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._seen: list[str] = []
        self._expected: list[str] = []
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("requestfailed", self._on_failure)

    def expect(self, *fragments: str) -> None:
        """Let mishaps pass that contain one of these, because the test brings them about."""
        self._expected.extend(fragments)

    def unexpected(self) -> list[str]:
        return [
            mishap for mishap in self._seen if not any(part in mishap for part in self._expected)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._seen.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _on_error(self, error: WebError) -> None:
        self._seen.append(f"exception: {error.error}")

    def _on_failure(self, request: Request) -> None:
        if request.failure != _OVERTAKEN:
            self._seen.append(f"failed: {request.method} {request.url}: {request.failure}")
