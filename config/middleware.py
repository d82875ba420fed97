"""The request id, the one log line a request, and the security headers of every answer."""

from __future__ import annotations

import functools
import logging
import re
import time
from collections.abc import Callable
from random import getrandbits

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config import log_buffer
from config.logs import REQUEST_LOGGER, current_request_id, request_line

logger = logging.getLogger(REQUEST_LOGGER)

REQUEST_ID_HEADER = "X-Request-ID"
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,100}")
# A path is for finding one's way in the log; what is longer is noise, or somebody's attack.
_LONGEST_LOGGED_PATH = 300

HSTS_HEADER = "Strict-Transport-Security"


def security_headers() -> dict[str, str]:
    """Return the headers that every answer carries on either road: Helmet's list, and a strict CSP.

    Values come from Django's settings where Django has one. HSTS is among them where the site is
    served over HTTPS.
    """
    headers = {
        "Content-Security-Policy": "; ".join(sorted(build_policy().split("; "))),
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY or "",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Origin-Agent-Cluster": "?1",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": str(settings.SECURE_REFERRER_POLICY),
        "X-Content-Type-Options": "nosniff",
        "X-DNS-Prefetch-Control": "off",
        "X-Download-Options": "noopen",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "X-Permitted-Cross-Domain-Policies": "none",
        # The filter that this turns off did more harm than good.
        "X-XSS-Protection": "0",
    }
    if settings.SECURE_HSTS_SECONDS:
        headers[HSTS_HEADER] = "; ".join(_hsts_parts())
    return headers


def _hsts_parts() -> list[str]:
    parts = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        parts.append("includeSubDomains")
    if settings.SECURE_HSTS_PRELOAD:
        parts.append("preload")
    return parts


@functools.cache
def fixed_headers() -> tuple[tuple[bytes, bytes], ...]:
    """Return the same headers as an ASGI application sends them, made once for the process."""
    return tuple(
        (name.lower().encode(), value.encode()) for name, value in security_headers().items()
    )


def request_id_from(header: str | None) -> str:
    """Return the caller's id for the request where it is harmless in a log, else a new one."""
    if header and _SAFE_ID.fullmatch(header):
        return header
    return f"{getrandbits(128):032x}"  # a name, and no secret


def log_request(request_id: str, method: str, path: str, status: int, started: float) -> None:
    """Log the one line. The path goes without its query, which may hold personal data.

    `started` is a `time.perf_counter()`.
    """
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    lines = log_buffer.request_lines()
    if lines is not None:
        fields = (request_id, method, path[:_LONGEST_LOGGED_PATH], status, milliseconds)
        lines.write(request_line(time.time(), fields) + "\n")
        return
    logger.info(
        "request",
        extra={
            "request_id": request_id,
            "method": method,
            "path": path[:_LONGEST_LOGGED_PATH],
            "status": status,
            "ms": milliseconds,
        },
    )


def _told(path: str) -> str:
    """Return a path as the log may have it: a preview's link opens what it names to its readers."""
    return "/preview/…" if path.startswith("/preview/") else path


class RequestLogMiddleware:
    """Outermost, so that its line and its id cover whatever the others do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request_id = request_id_from(request.headers.get(REQUEST_ID_HEADER))
        token = current_request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            current_request_id.reset(token)
        response[REQUEST_ID_HEADER] = request_id
        path = _told(request.path)
        log_request(request_id, request.method or "", path, response.status_code, started)
        return response


class SecurityHeadersMiddleware:
    """Before all others but the log, so that static files and error pages are covered as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._headers = security_headers()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in self._headers.items():
            # HSTS must not be sent over plain HTTP (RFC 6797, 7.2).
            if name != HSTS_HEADER or request.is_secure():
                response.headers.setdefault(name, value)
        return response
