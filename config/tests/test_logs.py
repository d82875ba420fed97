"""One JSON line a request, with its id; nothing personal, and a fault with its trace, once."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.exceptions import DisallowedHost
from django.test import Client

from config.logs import current_request_id, scrubbed
from config.middleware import request_id_from
from experiments import selectors

from .conftest import Lines

TOKEN = "ps_0123456789ab_abcDEF-_123"


def requests(lines: Lines) -> list[dict[str, Any]]:
    return [line for line in lines() if line["logger"] == "plainsplit.request"]


def test_request_is_one_line_with_what_it_was(lines: Lines) -> None:
    response = Client().get("/livez", headers={"X-Request-ID": "from-the-caller.1"})
    assert response.headers["X-Request-ID"] == "from-the-caller.1"
    [line] = lines()
    assert line.keys() == {
        *("time", "level", "logger", "message", "request_id", "method", "path", "status", "ms")
    }
    assert line["time"].endswith("Z")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/livez", 200)
    assert line["request_id"] == "from-the-caller.1"
    assert 0 <= line["ms"] < 60_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("/nothing", 404), ("/api/nothing", 404), ("/api/experiments", 401)),
        *(("/dashboard/", 302), ("/api/experiments/x", 401), ("/static/nothing.css", 404)),
    ],
)
def test_answer_of_any_status_is_one_line(lines: Lines, path: str, status: int) -> None:
    Client().get(path)
    [line] = lines()
    assert (line["path"], line["status"], line["level"]) == (path, status, "INFO")


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "short",
        "x" * 101,
        "with space",
        "line\nbreak-in-it",
        "a@b.example.org",
        "é" * 10,
        '"quoted"x',
    ],
)
def test_id_that_would_do_harm_in_a_log_is_replaced(given: str | None) -> None:
    made = request_id_from(given)
    assert made != given
    assert len(made) == 32
    assert request_id_from(given) != made


def test_id_is_forgotten_after_the_request() -> None:
    Client().get("/livez", headers={"X-Request-ID": "not-for-long"})
    assert current_request_id.get() == ""


@pytest.mark.django_db
def test_nothing_personal_and_no_secret_is_logged(lines: Lines) -> None:
    client = Client(headers={"Authorization": f"Bearer {TOKEN}", "User-Agent": "agent-of-mine"})
    client.cookies["visitor_id"] = "cookie-of-mine"
    client.get("/api/experiments?email=somebody@example.org&token=" + TOKEN)
    client.get("/api/somebody@example.org/" + TOKEN)
    client.post("/api/events", {"email": "somebody@example.org"}, content_type="application/json")
    client.get("/nothing", headers={"Host": "somebody@example.org"})
    assert len(requests(lines)) == 4
    text = str(lines())
    for secret in ("somebody", TOKEN, "abcDEF", "of-mine", "127.0.0.1", "?"):
        assert secret not in text


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("to a.b+c@mail.example.org, now", "to [e-mail address], now"),
        ("(email)=(a@b.example) exists", "(email)=([e-mail address]) exists"),
        (f"token {TOKEN}.", "token [token]."),
        ("nothing@all and 3 @ 4", "nothing@all and 3 @ 4"),
        ("@" * 5000, "@" * 5000),
        ("a" * 100_000 + "@", "a" * 100_000 + "@"),
    ],
    ids=lambda text: text[:20],
)
def test_text_is_scrubbed(text: str, without: str) -> None:
    assert scrubbed(text) == without


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/toggles", "/dashboard/sign-in/"])
def test_fault_is_logged_once_with_its_trace_and_the_requests_id(
    lines: Lines, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(selectors, "toggles_by_key", fail)
    # Every page's context is broken, also that of a page about it.
    monkeypatch.setattr("django.template.context.RequestContext.bind_template", fail)
    client = Client(raise_request_exception=False, headers={"X-Request-ID": "id-of-the-fault"})
    assert client.get(path).status_code == 500
    faults = [line for line in lines() if "exception" in line]
    assert [line["request_id"] for line in faults] == ["id-of-the-fault"]
    assert "ZeroDivisionError: a fault" in faults[0]["exception"]
    assert [line["status"] for line in requests(lines)] == [500]


def test_values_that_the_database_quotes_are_left_out(lines: Lines) -> None:
    quoted = 'duplicate key "x"\nDETAIL:  Key (visitor_id)=(7f) already exists.\nCONTEXT:  $1 = 7f'
    logging.getLogger("plainsplit").error("failed", exc_info=ValueError(quoted))
    [line] = lines()
    assert 'duplicate key "x"' in line["exception"]
    assert "7f" not in line["exception"]


def test_clients_mistake_has_no_trace(lines: Lines) -> None:
    logging.getLogger("plainsplit").error("?", exc_info=DisallowedHost("?"))
    [line] = lines()
    assert "exception" not in line


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/api/health", "/dashboard/", "/static/nothing.css"])
def test_foreign_host_is_refused_by_one_line(lines: Lines, path: str) -> None:
    response = Client().get(path, headers={"Host": "somebody-elses.example"})
    assert response.status_code in (400, 404)
    [line] = lines()
    assert (line["path"], line["level"]) == (path, "INFO")
    assert line["status"] == response.status_code


def test_what_extra_gives_is_written_and_what_json_cannot_say_as_text(lines: Lines) -> None:
    logging.getLogger("plainsplit").warning("look", extra={"count": 3, "thing": {1, 2}})
    [line] = lines()
    assert (line["count"], line["thing"], line["level"]) == (3, "{1, 2}", "WARNING")
