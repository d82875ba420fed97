"""Invitations: signed, in time, once, and only from somebody who may still invite."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.db import IntegrityError, connection
from django.utils import timezone

from experiments import invitations, people, roles
from experiments.models import AuditEntry, Invitation
from experiments.roles import StaffRole
from experiments.services import Refused
from experiments.tests.factories import make_editor, make_viewer

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def invite(role: StaffRole = StaffRole.EDITOR, email: str = "") -> tuple[Invitation, str]:
    return invitations.invite_person(role=role, email=email, by=make_editor())


def accept(text: str, name: str = "ada") -> None:
    invitations.accept_invitation(text=text, username=name, password=PASSWORD, email="a@x.example")


@pytest.mark.parametrize("role", StaffRole)
def test_accepted_invitation_is_an_account_in_its_role(role: StaffRole) -> None:
    invitation, text = invite(role, "somebody@x.example")
    person = invitations.accept_invitation(
        text=text, username="ada", password=PASSWORD, email="ada@x.example"
    )
    assert people.role_of(person) is role
    assert roles.can_view(person)
    assert person.check_password(PASSWORD)
    assert person.email == "ada@x.example"
    invitation.refresh_from_db()
    assert (invitation.accepted_by, invitation.email) == (person, "")


def test_record_says_who_let_somebody_in() -> None:
    invitation, text = invite()
    accept(text)
    entries = AuditEntry.objects.filter(object_type="person", object_name="ada")
    assert {(entry.actor_kind, entry.actor_name) for entry in entries} == {
        ("system", f"an invitation by {invitation.invited_by}")
    }
    assert PASSWORD not in str(list(entries.values()))


def test_invitation_works_once() -> None:
    _, text = invite()
    accept(text)
    assert invitations.invitation_for(text) is None
    with pytest.raises(Refused, match="doesn't work any more"):
        accept(text, "bea")


def test_invitation_works_for_seven_days() -> None:
    invitation, text = invite()
    invitation.refresh_from_db()
    lasts = invitation.expires_at - invitation.created_at
    assert timedelta(days=7, minutes=-1) < lasts < timedelta(days=7, minutes=1)
    Invitation.objects.update(expires_at=timezone.now() + timedelta(seconds=30))
    assert invitations.invitation_for(text) == invitation
    Invitation.objects.update(expires_at=timezone.now())
    assert invitations.invitation_for(text) is None
    with pytest.raises(Refused):
        accept(text)


def test_invitation_that_expired_is_forgotten_with_the_next_one() -> None:
    old, _ = invite(email="old@x.example")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    new, _ = invite()
    assert list(Invitation.objects.all()) == [new]
    assert old != new


def test_withdrawn_invitation_is_worthless() -> None:
    invitation, text = invite()
    invitations.withdraw_invitation(invitation_id=invitation.id)
    assert invitations.invitation_for(text) is None
    with pytest.raises(Invitation.DoesNotExist):
        invitations.withdraw_invitation(invitation_id=invitation.id)


def test_invitation_used_up_cannot_be_withdrawn() -> None:
    invitation, text = invite()
    accept(text)
    with pytest.raises(Invitation.DoesNotExist):
        invitations.withdraw_invitation(invitation_id=invitation.id)
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("change", ["deactivate", "demote"])
def test_invitation_ends_with_its_senders_right_to_invite(change: str) -> None:
    sender, other = make_editor(), make_editor()
    _, text = invitations.invite_person(role=StaffRole.EDITOR, by=sender)
    if change == "demote":
        people.change_role(person_id=sender.pk, role=StaffRole.VIEWER, by=other)
    else:
        people.deactivate_person(person_id=sender.pk, by=other)
    assert list(invitations.open_invitations()) == []
    with pytest.raises(Refused):
        accept(text)


def test_secret_is_nowhere_in_the_row() -> None:
    invitation, text = invite()
    secret = text.partition(".")[0]
    assert len(secret) == 32
    kept = Invitation.objects.values_list().get(pk=invitation.pk)
    assert not any(secret in str(value) for value in kept)


@pytest.mark.parametrize("tamper", [lambda text: text[:-1], lambda text: "x" + text, lambda _: ""])
def test_link_that_was_tampered_with_is_refused_without_a_query(
    tamper: Callable[[str], str], django_assert_num_queries: Any
) -> None:
    _, text = invite()
    with django_assert_num_queries(0):
        assert invitations.invitation_for(tamper(text)) is None


def test_signature_made_for_something_else_is_refused() -> None:
    _, text = invite()
    secret = text.partition(".")[0]
    assert invitations.invitation_for(signing.Signer(sep=".").sign(secret)) is None


def test_name_that_is_taken_leaves_the_invitation_open() -> None:
    _, text = invite()
    make_viewer(username="ada")
    with pytest.raises(IntegrityError):
        accept(text)


@pytest.mark.django_db(transaction=True)
def test_invitation_accepted_by_two_at_once_makes_one_account() -> None:
    _, text = invite()
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def try_to(name: str) -> None:
        start.wait()
        try:
            accept(text, name)
            outcomes.append("in")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=try_to, args=[name]) for name in ("ada", "bea")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "refused"]
