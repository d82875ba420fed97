"""Every URL of the dashboard, for everybody who might call it, by every method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client
from django.urls import URLPattern, reverse

from dashboard import urls
from dashboard.access import NO_ROLE, VIEWER_ONLY
from dashboard.tests import paths
from dashboard.tests.browser import HTMX, messages_in
from experiments.tests.factories import (
    ExperimentFactory,
    ToggleFactory,
    UserFactory,
    make_editor,
    make_token,
    make_viewer,
)

pytestmark = pytest.mark.django_db

ANYONE, VIEWER, EDITOR = "anyone", "viewer", "editor"
# Who may use which method of which URL. A URL that is missing here fails the tests.
TABLE: dict[str, dict[str, str]] = {
    "home": {"GET": VIEWER},
    "sign-in": {"GET": ANYONE, "POST": ANYONE},
    "sign-out": {"POST": ANYONE},
    "password-forgotten": {"GET": ANYONE, "POST": ANYONE},
    "password-sent": {"GET": ANYONE},
    "password-choose": {"GET": ANYONE, "POST": ANYONE},
    "invitation": {"GET": ANYONE, "POST": ANYONE},
    "language": {"POST": ANYONE},
    "account": {"GET": VIEWER},
    "theme": {"POST": ANYONE},
    "components": {"GET": VIEWER},
    "account-email": {"POST": VIEWER},
    "account-password": {"POST": VIEWER},
    "person-list": {"GET": EDITOR},
    "person-role": {"POST": EDITOR},
    "person-deactivate": {"POST": EDITOR},
    "person-reactivate": {"POST": EDITOR},
    "invitation-create": {"POST": EDITOR},
    "invitation-withdraw": {"POST": EDITOR},
    "experiment-list": {"GET": VIEWER},
    "experiment-create": {"GET": EDITOR, "POST": EDITOR},
    "experiment-detail": {"GET": VIEWER},
    "experiment-question": {"GET": EDITOR, "POST": EDITOR},
    "experiment-setup-variants": {"GET": EDITOR, "POST": EDITOR},
    "experiment-setup-plan": {"GET": EDITOR, "POST": EDITOR},
    "experiment-review": {"GET": EDITOR, "POST": EDITOR},
    "experiment-content": {"GET": VIEWER},
    "experiment-edit": {"GET": EDITOR, "POST": EDITOR},
    "experiment-rename": {"GET": EDITOR, "POST": EDITOR},
    "experiment-duplicate": {"POST": EDITOR},
    "experiment-archive": {"POST": EDITOR},
    "experiment-restore": {"POST": EDITOR},
    "experiment-breakdown": {"GET": VIEWER},
    "experiment-simulate": {"GET": VIEWER, "POST": VIEWER},
    "simulate": {"GET": VIEWER, "POST": VIEWER},
    "goal-list": {"GET": EDITOR},
    "goal-create": {"GET": EDITOR, "POST": EDITOR},
    "goal-edit": {"GET": EDITOR, "POST": EDITOR},
    "goal-remove": {"POST": EDITOR},
    "experiment-plan": {"GET": VIEWER, "POST": EDITOR},
    "experiment-history": {"GET": VIEWER},
    "experiment-start": {"POST": EDITOR},
    "experiment-pause": {"POST": EDITOR},
    "experiment-resume": {"POST": EDITOR},
    "experiment-complete": {"GET": EDITOR, "POST": EDITOR},
    "experiment-reopen": {"POST": EDITOR},
    "chart-csv": {"GET": VIEWER},
    "chart-svg": {"GET": VIEWER},
    "page-list": {"GET": VIEWER},
    "page-create": {"GET": EDITOR, "POST": EDITOR},
    "page-edit": {"GET": EDITOR, "POST": EDITOR},
    "page-home": {"POST": EDITOR},
    "page-delete": {"POST": EDITOR},
    "variant-preview-link": {"GET": VIEWER},
    "history": {"GET": VIEWER},
    "history-export": {"GET": VIEWER},
    "events": {"GET": VIEWER},
    "toggle-list": {"GET": VIEWER},
    "toggle-create": {"GET": EDITOR, "POST": EDITOR},
    "toggle-switch": {"POST": EDITOR},
    "toggle-reason": {"POST": EDITOR},
    "toggle-edit": {"GET": EDITOR, "POST": EDITOR},
    "toggle-delete": {"POST": EDITOR},
    "token-list": {"GET": EDITOR},
    "token-create": {"POST": EDITOR},
    "token-revoke": {"POST": EDITOR},
    "lead-list": {"GET": VIEWER},
    "lead-export": {"GET": EDITOR},
    "lead-delete": {"POST": EDITOR},
    "lead-delete-found": {"POST": EDITOR},
}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
PEOPLE: dict[str, Callable[[], User | AnonymousUser]] = {
    "anonymous": AnonymousUser,
    "stranger": UserFactory.create,
    "inactive": lambda: make_editor(is_active=False),
    "viewer": make_viewer,
    "editor": make_editor,
    "superuser": lambda: UserFactory.create(is_superuser=True),
}
HOLDS = {
    "anonymous": {ANYONE},
    "stranger": {ANYONE},
    "inactive": {ANYONE},
    "viewer": {ANYONE, VIEWER},
    "editor": {ANYONE, VIEWER, EDITOR},
    "superuser": {ANYONE, VIEWER, EDITOR},
}


def path_to(name: str) -> str:
    """Return the URL with an object that exists for it."""
    if name.startswith("experiment-") and name not in ("experiment-list", "experiment-create"):
        return reverse(f"dashboard:{name}", args=[ExperimentFactory.create(through=[]).id])
    if name.startswith("goal-"):
        experiment = ExperimentFactory.create(through=[])
        goal = [experiment.goals.get().id] if name in ("goal-edit", "goal-remove") else []
        return reverse(f"dashboard:{name}", args=[experiment.id, *goal])
    if name in ("toggle-switch", "toggle-reason", "toggle-edit", "toggle-delete"):
        return reverse(f"dashboard:{name}", args=[ToggleFactory.create().id])
    if name == "token-revoke":
        return reverse(f"dashboard:{name}", args=[make_token()[0].id])
    if name in paths.MAKERS:
        return paths.MAKERS[name](f"dashboard:{name}")
    return reverse(f"dashboard:{name}")


def browser_of(person: str) -> Client:
    client = Client()
    user = PEOPLE[person]()
    if isinstance(user, User):
        client.force_login(user)
    return client


def test_access_table_names_every_url_of_the_dashboard() -> None:
    named = {pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}
    assert named == set(TABLE)
    assert len(named) == len(urls.urlpatterns)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", TABLE)
def test_url_for_each_person_and_method_is_as_the_table_says(name: str, person: str) -> None:
    path, client = path_to(name), browser_of(person)
    for method in METHODS:
        needed = TABLE[name].get("GET" if method == "HEAD" else method)
        response: Any = client.generic(method, path)
        if needed is None:
            assert response.status_code == 405, method
        elif needed in HOLDS[person]:
            # 400: a choice without a value, as this request is.
            assert response.status_code in (200, 201, 302, 400, 409, 422), method
            # Nobody signed in is sent to sign in, except by signing out.
            if name not in ("sign-in", "sign-out"):
                assert "sign-in" not in response.get("Location", ""), method
            client = browser_of(person)
            path = path_to(name)
        elif person in ("anonymous", "inactive"):
            assert response.status_code == 302, method
            assert response["Location"].startswith(reverse("dashboard:sign-in")), method
        else:
            assert response.status_code == 403, method
            if method != "HEAD":
                sentence = VIEWER_ONLY if person == "viewer" else NO_ROLE
                assert sentence.replace("'", "&#x27;") in response.content.decode(), method


WRITES = [name for name, methods in TABLE.items() if "POST" in methods]


@pytest.mark.parametrize("name", WRITES)
def test_post_without_csrf_token_is_refused(name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    if TABLE[name]["POST"] != ANYONE or name == "sign-out":
        client.force_login(make_editor())
    assert client.post(path_to(name)).status_code == 403


def test_page_asked_for_by_anonymous_is_where_the_sign_in_leads() -> None:
    path = path_to("lead-list") + "?q=x"
    response: Any = Client().get(path)
    assert response["Location"] == "/dashboard/sign-in/?next=/dashboard/leads/%3Fq%3Dx"


def test_write_by_anonymous_leads_home_after_the_sign_in() -> None:
    response: Any = Client().post(path_to("experiment-start"))
    assert response["Location"] == "/dashboard/sign-in/?next=/dashboard/"


def test_part_asked_for_after_the_session_ended_leads_to_the_sign_in() -> None:
    page = path_to("experiment-detail")
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{page}"}
    response: Any = Client().get(page, headers=headers)
    assert (response.status_code, response["HX-Redirect"]) == (
        200,
        f"/dashboard/sign-in/?next={page}",
    )


def test_part_sent_after_the_session_ended_is_told_without_leaving_the_page() -> None:
    response: Any = Client().post(path_to("experiment-create"), headers=HTMX)
    assert response.status_code == 401
    assert "HX-Redirect" not in response.headers
    assert messages_in(response) == [
        "You have been signed out. Nothing you typed is lost: sign in, then try again."
    ]


def test_part_sent_by_viewer_is_refused_with_a_sentence(viewer: Client) -> None:
    response: Any = viewer.post(path_to("toggle-switch"), headers=HTMX)
    assert (response.status_code, messages_in(response)) == (403, [VIEWER_ONLY])


# How many ids each URL has.
WITH_OBJECT = {
    str(pattern.name): str(pattern.pattern).count("<")
    for pattern in urls.urlpatterns
    if "<uuid:" in str(pattern.pattern)
}


@pytest.mark.parametrize("name", WITH_OBJECT)
def test_object_that_does_not_exist_is_not_found(name: str, editor: Client) -> None:
    missing = reverse(
        f"dashboard:{name}", args=["00000000-0000-4000-8000-000000000000"] * WITH_OBJECT[name]
    )
    for method in TABLE[name]:
        data = {"enabled": "on", "version": 1} if method == "POST" else {}
        response: Any = getattr(editor, method.lower())(missing, data)
        assert response.status_code == 404, method
