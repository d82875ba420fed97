"""How a test visits the page: a browser's requests, and what it finds in the answer."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from django.http import HttpResponse
from django.test import Client

from experiments import statements, store
from experiments.keeper import keeper
from experiments.models import Experiment, Variant

TREATMENT = "A treatment’s headline"


def visit(client: Client, path: str = "/", **headers: str) -> HttpResponse:
    """Load the page as a browser does; keyword arguments are headers, `sec_gpc="1"`."""
    return cast(HttpResponse, client.get(path, headers=headers))


def text_of(response: Any) -> str:
    return str(response.content.decode())


def headline_of(response: HttpResponse) -> str:
    found = re.search(r'<h1 id="headline">(.*?)</h1>', text_of(response))
    assert found
    return html.unescape(found[1])


def tracked_in(response: HttpResponse) -> dict[str, str]:
    """Return {experiment id: variant id} that the page gives its tracker."""
    found = re.search(r'data-assignments="(.*?)"', text_of(response))
    if not found:
        return {}
    pairs = json.loads(html.unescape(found[1]))
    return {pair["experimentId"]: pair["variantId"] for pair in pairs}


def visitor_in(response: HttpResponse) -> str | None:
    found = re.search(r'data-visitor-id="(.*?)"', text_of(response))
    return found[1] if found else None


def control_of(experiment: Experiment) -> Variant:
    return experiment.variants.get(position=0)


def run_instead(monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]) -> None:
    """Let hand-written statements be run by this, whether alone or as steps."""
    for module in (store, statements):
        monkeypatch.setattr(module, "run", run)


class StoreCalls:
    """Counts the statements that go through the experiments' store."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        run = store.run

        def counted(sql: str, params: Any) -> Any:
            self.statements.append(sql)
            return run(sql, params)

        run_instead(monkeypatch, counted)

    def learn(self) -> None:
        """Read the configuration, as the refresher of a running server does, and forget that."""
        keeper.refresh()
        self.statements.clear()

    def count(self) -> int:
        """Return how many there were since this was last asked."""
        count = len(self.statements)
        self.statements.clear()
        return count
