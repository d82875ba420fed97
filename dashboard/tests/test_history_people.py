"""Changes of people, tokens and invitations, in sentences that keep their secrets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from dashboard.tests.history import change_by, told_by
from experiments import tokens
from experiments.models import Invitation
from experiments.tests.factories import UserFactory, make_token

pytestmark = pytest.mark.django_db


def test_token_is_told_without_its_secret() -> None:
    token, text = make_token("Reports")
    change = change_by(lambda: tokens.create_token(name="Nightly"))
    assert change.sentences == ["API token “Nightly” added"]
    assert ("Secret", "", "(not recorded)") in [(f.label, f.before, f.after) for f in change.fields]
    assert told_by(lambda: tokens.revoke_token(token_id=token.id)) == [
        "API token “Reports” revoked"
    ]
    assert text not in repr(change)


def test_person_is_told_by_what_became_of_them() -> None:
    viewers, editors = (
        Group.objects.get_or_create(name=name)[0] for name in ("viewers", "editors")
    )

    def join() -> None:
        User.objects.create_user("maria", "maria@example.org", "correct horse").groups.add(viewers)

    assert told_by(join) == ["Person “maria” added, as viewer"]
    maria = User.objects.get(username="maria")
    assert told_by(lambda: maria.groups.set([editors])) == ["“maria”, role: Viewer → Editor"]

    def change(**fields: Any) -> Callable[[], None]:
        def act() -> None:
            for name, value in fields.items():
                setattr(maria, name, value)
            maria.save()

        return act

    assert told_by(change(is_active=False)) == ["Person “maria” deactivated"]
    assert told_by(change(is_active=True)) == ["Person “maria” reactivated"]
    assert told_by(change(password="another")) == ["Password of “maria” set anew"]
    assert told_by(change(is_superuser=True)) == ["“maria”, administrator: no → yes"]
    assert told_by(change(email="m@example.org")) == [
        "“maria”, e-mail address: maria@example.org → m@example.org"
    ]
    assert told_by(maria.delete)[-1] == "Person “maria” removed"


def test_invitation_is_told_by_its_role() -> None:
    kept: list[Invitation] = []

    def invite() -> None:
        kept.append(
            Invitation.objects.create(
                role="editors",
                email="m@example.org",
                secret_hash=uuid4().hex,
                invited_by=editor,
                expires_at=timezone.now() + timedelta(days=7),
            )
        )

    editor = UserFactory.create()
    change = change_by(invite)
    assert change.sentences == ["Somebody invited, as editor"]
    assert "m@example.org" not in repr(change)

    def accept() -> None:
        [invitation] = kept
        invitation.accepted_at, invitation.accepted_by = timezone.now(), editor
        invitation.email = ""
        invitation.save()

    assert told_by(accept) == ["Invitation accepted"]
    assert told_by(kept[0].delete) == ["Invitation removed"]


def test_password_set_twice_in_one_change_is_still_told() -> None:
    user = UserFactory.create(username="maria")

    def set_twice() -> None:
        for password in ("one", "two"):
            user.password = password
            user.save()

    assert told_by(set_twice) == ["Password of “maria” set anew"]
