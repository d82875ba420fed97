from __future__ import annotations

import io

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from experiments import roles

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough pass phrase"


@pytest.mark.parametrize(("role", "may_change"), [("viewer", False), ("editor", True)])
def test_create_user_may_sign_in_with_the_role(
    role: str, may_change: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    call_command("create_user", "ada", "--role", role)
    user = authenticate(username="ada", password=PASSWORD)
    assert user is not None
    assert roles.can_view(user)
    assert roles.can_edit(user) is may_change


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("taken", PASSWORD, "already exists"),
        ("ada", "short", "too short"),
        ("a b", PASSWORD, "valid"),
    ],
)
def test_create_user_bad_input_is_refused_with_the_reason(
    name: str, password: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.create_user("taken")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    with pytest.raises(CommandError, match=said):
        call_command("create_user", name)
    assert User.objects.count() == 1
