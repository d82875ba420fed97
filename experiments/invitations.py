"""Invitations by link: signed, for seven days, for one person, in a role that is given before.

A link works as long as whoever sent it may invite, so that nobody keeps a way back in.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from experiments import people
from experiments.actors import Actor, ActorKind, acting
from experiments.models import Invitation
from experiments.roles import StaffRole
from experiments.services import Refused

LIFETIME = timedelta(days=7)
GONE = gettext_noop(
    "This invitation doesn't work any more: it was used, withdrawn, or is older than seven days. "
    "Ask whoever invited you for another one."
)


@transaction.atomic
def invite_person(*, role: StaffRole, by: User, email: str = "") -> tuple[Invitation, str]:
    """Make an invitation; return its row, and the text of its link, which nobody can read again.

    Also forgets invitations that nobody took up in time, and their addresses.
    """
    Invitation.objects.filter(accepted_at=None, expires_at__lte=timezone.now()).delete()
    secret = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        role=role,
        email=email,
        secret_hash=_hash(secret),
        invited_by=by,
        expires_at=timezone.now() + LIFETIME,
    )
    return invitation, _signer().sign(secret)


def open_invitations() -> QuerySet[Invitation]:
    """Those that can be taken up now, newest first."""
    return Invitation.objects.filter(
        accepted_at=None, expires_at__gt=timezone.now(), invited_by__in=people.editors()
    ).select_related("invited_by")


def invitation_for(text: str) -> Invitation | None:
    """Return the open invitation of a link's text, or None; a made-up text costs no query."""
    try:
        secret = _signer().unsign(text)
    except signing.BadSignature:
        return None
    return open_invitations().filter(secret_hash=_hash(secret)).first()


@transaction.atomic
def withdraw_invitation(*, invitation_id: UUID) -> Invitation:
    """Make a link worthless. Raises Invitation.DoesNotExist if it isn't open."""
    invitation = open_invitations().get(pk=invitation_id)
    # Deleting what a parallel call has deleted does nothing.
    Invitation.objects.filter(pk=invitation_id, accepted_at=None).delete()
    return invitation


@transaction.atomic
def accept_invitation(*, text: str, username: str, password: str, email: str = "") -> User:
    """Make the account that a link promises, which uses the link up.

    The password is the caller's to check. Raises Refused where the link is of no use any more, and
    IntegrityError where the user name was taken a moment ago.
    """
    found = invitation_for(text)
    # The lock lets one of two calls pass, and the other see the link used up.
    rows = Invitation.objects.select_for_update().filter(accepted_at=None)
    invitation = rows.filter(pk=found.pk).first() if found else None
    if invitation is None:
        raise Refused(gettext(GONE))
    # On record stands who let them in: nobody is signed in yet.
    with acting(Actor(ActorKind.SYSTEM, f"an invitation by {invitation.invited_by}")):
        person = User.objects.create_user(username, email, password, is_staff=True)
        people.give_role(person, StaffRole(invitation.role))
    invitation.accepted_at, invitation.accepted_by = timezone.now(), person
    # The account has an address of its own now.
    invitation.email = ""
    invitation.save(update_fields=["accepted_at", "accepted_by", "email"])
    return person


def _signer() -> signing.Signer:
    # Without the colon, a link survives every program that finds links in texts.
    return signing.Signer(salt="invitation", sep=".")


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
