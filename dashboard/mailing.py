"""E-mails to staff: invitations, and links to choose a new password."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import get_language, gettext, override

from experiments.models import Invitation

logger = logging.getLogger("plainsplit.mail")
# One thread, made with the first e-mail: staff write few.
_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send_invitation(*, invitation: Invitation, link: str) -> bool:
    """Send a link to the address that the invitation names; return whether the server took it."""
    context = {"invitation": invitation, "link": link}
    return _send("invitation", gettext("Your invitation to Plainsplit"), context, invitation.email)


def send_reset_links(*, people: Sequence[User], page: str) -> Future[None]:
    """Send each person a link to choose a new password, while the caller goes on.

    Nobody may be able to tell by the time an answer takes whether there is anybody to write to.
    """
    # In the language of the page on which the link was asked for; the thread has none of its own.
    return _worker.submit(_send_reset_links, people, page, get_language())


def _send_reset_links(people: Sequence[User], page: str, language: str | None) -> None:
    with override(language):
        for person in people:
            link = f"{page}?{urlencode({'link': reset_key(person)})}"
            context: dict[str, object] = {"person": person, "link": link}
            subject = gettext("Choose a new password for Plainsplit")
            _send("password_reset", subject, context, person.email)


def reset_key(person: User) -> str:
    """Return what a link to choose a new password carries: who, and a token that is used once."""
    who = urlsafe_base64_encode(force_bytes(person.pk))
    return f"{who}.{default_token_generator.make_token(person)}"


def _send(template: str, subject: str, context: dict[str, object], to: str) -> bool:
    text = render_to_string(f"dashboard/mail/{template}.txt", context)
    try:
        return bool(send_mail(subject, text, None, [to]))
    except Exception:
        # A mail server fails in as many ways as there are; the log has this one's.
        logger.exception("e-mail was not sent")
        return False
