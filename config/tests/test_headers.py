"""The security headers of every kind of answer, on Django's road and as the hot road sends them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from pytest_django import Settings

from config.middleware import (
    HSTS_HEADER,
    SecurityHeadersMiddleware,
    fixed_headers,
    security_headers,
)
from experiments import selectors

# What Helmet sets by default, or stricter. Of X-Frame-Options and Referrer-Policy it has the
# weaker and the stronger value; "no-referrer" would make browsers send forms with Origin: null.
AT_LEAST = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Download-Options": "noopen",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-XSS-Protection": "0",
}
LATER = "Fri, 1 Jan 2100 00:00:00 GMT"
POLICY = {
    "default-src": "'self'",
    "base-uri": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "script-src": "'self'",
    "script-src-attr": "'none'",
    "style-src": "'self'",
}


def answer(client: Client, kind: str) -> HttpResponseBase:
    """Return an answer of a kind, having checked that it is of that kind."""
    path, status, headers = {
        "page": ("/", 200, {}),
        "redirect": ("/dashboard/", 302, {}),
        "page not found": ("/nothing", 404, {}),
        "unknown host": ("/", 400, {"Host": "elsewhere.test"}),
        "text": ("/livez", 200, {}),
        "JSON": ("/api/toggles", 200, {}),
        "JSON error": ("/api/experiments", 401, {}),
        "JSON not found": ("/api/nothing", 404, {}),
        "JSON fault": ("/api/toggles", 500, {}),
        "static file": ("/static/a.css", 200, {}),
        "static file kept": ("/static/a.css", 304, {"If-Modified-Since": LATER}),
    }[kind]
    response = client.get(path, headers=headers)
    assert response.status_code == status
    response.getvalue()  # A file is closed by being read.
    return response


@pytest.fixture
def client(db: None, settings: Settings, tmp_path: Path) -> Client:
    (tmp_path / "a.css").write_text("a {}")
    settings.STATIC_ROOT = tmp_path
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    "kind",
    [
        *("page", "redirect", "page not found", "unknown host", "text", "static file"),
        *("static file kept", "JSON", "JSON error", "JSON not found", "JSON fault"),
    ],
)
def test_every_kind_of_answer_has_all_of_them(
    client: Client, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "JSON fault":
        monkeypatch.setattr(selectors, "toggles_by_key", lambda: 1 / 0)
    response = answer(client, kind)
    expected = security_headers()
    sent = {name: response.headers.get(name) for name in expected}
    policy = sent.pop("Content-Security-Policy")
    assert sorted((policy or "").split("; ")) == expected.pop("Content-Security-Policy").split("; ")
    assert sent == expected
    assert response.headers["X-Request-ID"]
    assert not {"X-Powered-By", "Server"} & set(response.headers)


def test_headers_are_at_least_helmets() -> None:
    headers = security_headers()
    assert AT_LEAST.items() <= headers.items()
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert POLICY.items() <= policy.items()
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_hot_road_sends_the_same() -> None:
    assert {name.decode(): value.decode() for name, value in fixed_headers()} == {
        name.lower(): value for name, value in security_headers().items()
    }


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/api/toggles", "/api/nothing", "/nothing"])
def test_https_is_remembered_by_what_came_over_https(settings: Settings, path: str) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    value = "max-age=31536000; includeSubDomains; preload"
    assert security_headers()[HSTS_HEADER] == value
    assert Client().get(path, secure=True).headers[HSTS_HEADER] == value
    # RFC 6797 forbids it there.
    assert HSTS_HEADER not in Client().get(path).headers


def test_view_that_needs_another_value_keeps_its_own() -> None:

    def view(_request: object) -> HttpResponse:
        return HttpResponse(headers={"X-Frame-Options": "SAMEORIGIN"})

    response = SecurityHeadersMiddleware(view)(RequestFactory().get("/"))
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
