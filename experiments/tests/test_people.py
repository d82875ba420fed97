"""Roles and accounts: who may change whom, and that somebody who can edit always remains."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from experiments import people, roles
from experiments.roles import StaffRole
from experiments.services import Refused
from experiments.tests.factories import UserFactory, make_editor, make_viewer

pytestmark = pytest.mark.django_db

CHANGES: dict[str, Callable[[User, User], User]] = {
    "demote": lambda person, by: people.change_role(
        person_id=person.pk, role=StaffRole.VIEWER, by=by
    ),
    "deactivate": lambda person, by: people.deactivate_person(person_id=person.pk, by=by),
    "reactivate": lambda person, by: people.reactivate_person(person_id=person.pk, by=by),
}


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest) -> Callable[[User, User], User]:
    return CHANGES[request.param]


def reread(person: User) -> User:
    return User.objects.get(pk=person.pk)


def test_role_is_changed_and_replaces_the_one_before() -> None:
    editor, person = make_editor(), make_viewer()
    people.change_role(person_id=person.pk, role=StaffRole.EDITOR, by=editor)
    assert people.role_of(reread(person)) is StaffRole.EDITOR
    assert roles.can_edit(reread(person))
    people.change_role(person_id=person.pk, role=StaffRole.VIEWER, by=editor)
    assert [group.name for group in reread(person).groups.all()] == [roles.VIEWERS]


def test_stranger_is_given_a_role() -> None:
    stranger = UserFactory.create()
    assert people.role_of(stranger) is None
    people.change_role(person_id=stranger.pk, role=StaffRole.VIEWER, by=make_editor())
    assert roles.can_view(reread(stranger))


def test_deactivated_persons_sessions_end_and_stay_ended() -> None:
    editor, person = make_editor(), make_viewer()
    theirs, others = Client(), Client()
    theirs.force_login(person)
    others.force_login(editor)
    people.deactivate_person(person_id=person.pk, by=editor)
    assert theirs.get("/dashboard/experiments/").status_code == 302
    assert others.get("/dashboard/experiments/").status_code == 200
    assert Session.objects.count() == 1
    people.reactivate_person(person_id=person.pk, by=editor)
    assert reread(person).is_active
    assert theirs.get("/dashboard/experiments/").status_code == 302


def test_nobody_changes_themself(change: Callable[[User, User], User]) -> None:
    editor = make_editor()
    with pytest.raises(Refused, match="You are the only editor"):
        change(editor, editor)
    make_editor()
    with pytest.raises(Refused, match=r"^You can't .* Ask another editor\.$"):
        change(editor, editor)
    assert roles.can_edit(reread(editor))


def test_inactive_editor_is_no_other_editor() -> None:
    editor = make_editor()
    make_editor(is_active=False)
    with pytest.raises(Refused, match="only editor"):
        people.deactivate_person(person_id=editor.pk, by=editor)


@pytest.mark.parametrize(
    "make", [make_viewer, UserFactory.create, lambda: make_editor(is_active=False)]
)
def test_somebody_who_cannot_edit_changes_nobody(
    make: Callable[[], User], change: Callable[[User, User], User]
) -> None:
    with pytest.raises(Refused, match="no longer an editor"):
        change(make_viewer(), make())


def test_administrator_is_changed_by_administrators_alone(
    change: Callable[[User, User], User],
) -> None:
    administrator = UserFactory.create(is_superuser=True, username="root")
    with pytest.raises(Refused, match=r"^root is an administrator\. Only another"):
        change(administrator, make_editor())
    assert reread(administrator).is_active


def test_administrator_deactivates_another_but_gives_no_role() -> None:
    one, other = (UserFactory.create(is_superuser=True) for _ in range(2))
    with pytest.raises(Refused, match="No role would change that"):
        people.change_role(person_id=other.pk, role=StaffRole.VIEWER, by=one)
    people.deactivate_person(person_id=other.pk, by=one)
    assert not reread(other).is_active


def test_change_of_nobody_says_so(change: Callable[[User, User], User]) -> None:
    with pytest.raises(User.DoesNotExist):
        change(User(pk=0), make_editor())


def test_people_are_listed_by_name_with_the_inactive_last(
    django_assert_num_queries: Any,
) -> None:
    for name in ("bea", "Ada", "cleo"):
        make_viewer(username=name)
    make_editor(username="aaron", is_active=False)
    with django_assert_num_queries(2):
        listed = [(person.username, people.role_of(person)) for person in people.people_by_name()]
    assert [name for name, _ in listed] == ["Ada", "bea", "cleo", "aaron"]
    assert listed[-1][1] is StaffRole.EDITOR


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["demote", "deactivate"])
def test_editors_who_remove_each_other_at_once_leave_one(name: str) -> None:
    one, other = make_editor(), make_editor()
    refusals: list[str] = []
    start = threading.Barrier(2)

    def remove(person: User, by: User) -> None:
        start.wait()
        try:
            CHANGES[name](person, by)
        except Refused as refused:
            refusals.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in [(one, other), (other, one)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusals == [people.NO_LONGER_EDITOR]
    assert people.editors().count() == 1
