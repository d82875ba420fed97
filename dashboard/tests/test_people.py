"""The list of people: invitations, roles, deactivation, and what is refused with a sentence."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from dashboard.tests.browser import messages_in, path_of, post_part
from experiments import people
from experiments.models import Invitation
from experiments.roles import StaffRole
from experiments.tests.factories import UserFactory, make_editor, make_viewer

pytestmark = pytest.mark.django_db

LIST = "/dashboard/people/"


def link_in(response: Any) -> str:
    found = re.search(r'<code id="new-link">([^<]+)</code>', response.content.decode())
    assert found
    return html.unescape(found[1])


def invite(client: Client, **data: str) -> Any:
    return client.post(path_of("invitation-create"), {"role": StaffRole.EDITOR.value, **data})


def row_of(client: Client, name: str) -> str:
    page = client.get(LIST).content.decode()
    rows = page.split('<tr role="row"')[2:]
    [row] = [row for row in rows if f"<div>{name}" in row.split("</th>")[0]]
    return row


def test_list_shows_everybody_with_role_and_last_sign_in(editor: Client) -> None:
    make_viewer(username="bea", email="bea@x.example")
    UserFactory.create(username="nobody")
    UserFactory.create(username="root", is_superuser=True)
    make_viewer(username="gone", is_active=False)
    assert "Viewer" in row_of(editor, "bea")
    assert "bea@x.example" in row_of(editor, "bea")
    assert "Never" in row_of(editor, "bea")
    assert "No role" in row_of(editor, "nobody")
    assert "Administrator" in row_of(editor, "root")
    assert "Deactivated" in row_of(editor, "gone")
    own = row_of(editor, "editor")
    assert "You" in own
    assert '<time class="moment"' in own


def test_buttons_are_those_that_the_reader_may_use(editor: Client) -> None:
    make_viewer(username="bea")
    make_editor(username="cleo")
    UserFactory.create(username="nobody")
    UserFactory.create(username="root", is_superuser=True)
    make_viewer(username="gone", is_active=False)

    def offered(name: str) -> list[str]:
        words = ("Make viewer", "Make editor", "Deactivate", "Reactivate")
        row = row_of(editor, name)
        return [word for word in words if f'">{word}<' in row]

    assert offered("bea") == ["Make editor", "Deactivate"]
    assert offered("cleo") == ["Make viewer", "Deactivate"]
    assert offered("nobody") == ["Make viewer", "Make editor", "Deactivate"]
    assert offered("root") == []
    assert offered("gone") == ["Reactivate"]
    assert offered("editor") == []


def test_list_takes_as_many_queries_for_one_person_as_for_many(editor: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as sent:
            editor.get(LIST)
        return len(sent)

    # The first page of a session also renews its mark.
    queries()
    before = queries()
    for _ in range(5):
        make_viewer()
        invite(editor)
    assert queries() == before


def test_invitation_is_shown_once_with_its_link(editor: Client) -> None:
    response = invite(editor)
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    link = link_in(response)
    assert link.startswith("http://testserver/dashboard/invitation/?link=")
    assert "Give this link to the person." in response.content.decode()
    page = editor.get(LIST).content.decode()
    assert link not in html.unescape(page)
    assert "A link to give on" in page
    assert mail.outbox == []


def test_invitation_by_htmx_comes_with_the_list(editor: Client) -> None:
    page = post_part(editor, path_of("invitation-create"), {"role": "viewers"}).content.decode()
    assert "<html" not in page
    assert 'id="new-link"' in page


def test_invitation_with_an_address_is_sent_there(editor: Client) -> None:
    response = invite(editor, email="ada@x.example")
    [sent] = mail.outbox
    assert sent.to == ["ada@x.example"]
    assert sent.subject == "Your invitation to Plainsplit"
    assert link_in(response) in sent.body
    assert "editor invites you to Plainsplit" in sent.body
    assert "You would join as an editor." in sent.body
    assert "on its way to ada@x.example" in response.content.decode()


def test_invitation_that_could_not_be_sent_says_so_and_stands(
    editor: Client, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "no.such.Backend"
    response = invite(editor, email="ada@x.example")
    assert response.status_code == 201
    assert "The e-mail to ada@x.example could not be sent." in response.content.decode()
    assert Client().get(link_in(response)).status_code == 200


def test_invitation_where_no_e_mail_is_sent_says_so(editor: Client, settings: Settings) -> None:
    settings.SENDS_EMAIL = False
    response = invite(editor, email="ada@x.example")
    assert "This installation sends no e-mail." in response.content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"role": "owners"}, "Choose viewer or editor."),
        ({"role": ""}, "Choose viewer or editor."),
        ({"email": "nowhere"}, "Enter a valid email address."),
        ({"email": "a@x.example\nBcc: b@x.example"}, "Enter a valid email address."),
    ],
)
def test_invitation_with_bad_data_is_refused_with_a_sentence(
    editor: Client, data: dict[str, str], sentence: str
) -> None:
    response = invite(editor, **data)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Invitation.objects.exists()


def test_withdrawn_invitation_leaves_the_list_and_its_link_is_dead(editor: Client) -> None:
    link = link_in(invite(editor))
    invitation = Invitation.objects.get()
    response: Any = editor.post(path_of("invitation-withdraw", invitation.id))
    assert messages_in(response) == ["The invitation is withdrawn. Its link no longer works."]
    assert "None. A link that nobody has used yet" in editor.get(LIST).content.decode()
    assert Client().get(link).status_code == 410
    assert editor.post(path_of("invitation-withdraw", invitation.id)).status_code == 404


def test_role_is_changed_and_takes_effect_at_once(editor: Client) -> None:
    bea = make_viewer(username="bea")
    theirs = Client()
    theirs.force_login(bea)
    assert theirs.get(LIST).status_code == 403
    response = editor.post(path_of("person-role", bea.pk), {"role": "editors"})
    assert messages_in(response) == ["bea is an editor now."]
    assert theirs.get(LIST).status_code == 200
    response = editor.post(path_of("person-role", bea.pk), {"role": "viewers"})
    assert messages_in(response)[-1] == "bea is a viewer now."
    assert theirs.get(LIST).status_code == 403


def test_role_that_does_not_exist_is_refused(editor: Client) -> None:
    bea = make_viewer(username="bea")
    response = editor.post(path_of("person-role", bea.pk), {"role": "owners"})
    assert messages_in(response) == ["Choose viewer or editor."]
    assert people.role_of(bea) is StaffRole.VIEWER


def test_deactivated_person_is_signed_out_and_back_only_by_signing_in(editor: Client) -> None:
    bea = make_viewer(username="bea")
    theirs = Client()
    theirs.force_login(bea)
    response = editor.post(path_of("person-deactivate", bea.pk))
    assert messages_in(response) == ["bea is deactivated, and signed out everywhere."]
    assert theirs.get("/dashboard/experiments/").status_code == 302
    response = editor.post(path_of("person-reactivate", bea.pk))
    assert messages_in(response)[-1] == "bea may sign in again."
    assert theirs.get("/dashboard/experiments/").status_code == 302
    sent = {"username": "bea", "password": "correct horse battery"}
    assert theirs.post(path_of("sign-in"), sent).status_code == 302


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("person-role", {"role": "viewers"}, people.NOT_YOURSELF_ALONE),
        ("person-deactivate", {}, people.NOT_OFF_YOURSELF_ALONE),
    ],
)
def test_last_editor_cannot_leave(
    editor: Client, name: str, data: dict[str, str], sentence: str
) -> None:
    me = User.objects.get(username="editor")
    response: Any = editor.post(path_of(name, me.pk), data)
    assert response["Location"] == LIST
    assert messages_in(response) == [sentence]
    assert editor.get(LIST).status_code == 200


def test_refusal_by_htmx_is_told_on_the_list(editor: Client) -> None:
    root = UserFactory.create(username="root", is_superuser=True)
    response = post_part(editor, path_of("person-deactivate", root.pk), {})
    assert response["HX-Redirect"] == LIST
    page = html.unescape(editor.get(LIST).content.decode())
    assert (people.ABOVE_YOU % {"name": "root"}) in page
    assert root.is_active


@pytest.mark.parametrize("name", ["person-role", "person-deactivate", "person-reactivate"])
def test_person_who_does_not_exist_is_not_found(editor: Client, name: str) -> None:
    assert editor.post(path_of(name, 999_999), {"role": "viewers"}).status_code == 404


def test_viewer_finds_leads_and_no_people_in_the_navigation(viewer: Client) -> None:
    page = viewer.get(path_of("toggle-list")).content.decode()
    assert path_of("lead-list") in page
    assert LIST not in page
