"""Paths to things that exist, for tests of who may open what."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.urls import reverse

from dashboard import mailing
from experiments.invitations import invite_person
from experiments.models import Page
from experiments.pages import create_page
from experiments.roles import StaffRole
from experiments.tests.factories import (
    ExperimentFactory,
    make_editor,
    make_viewer,
    variants_of,
)
from metrics.models import Lead
from metrics.tests.counted import count_visitors


def invitation_link(role: StaffRole = StaffRole.EDITOR, email: str = "") -> str:
    _, text = invite_person(role=role, email=email, by=make_editor())
    return f"{reverse('dashboard:invitation')}?{urlencode({'link': text})}"


def to_invitation(name: str) -> str:
    invitation, _ = invite_person(role=StaffRole.VIEWER, by=make_editor())
    return reverse(name, args=[invitation.id])


def reset_link(name: str) -> str:
    person = make_viewer(email="ada@x.example")
    return f"{reverse(name)}?{urlencode({'link': mailing.reset_key(person)})}"


def to_person(name: str) -> str:
    return reverse(name, args=[make_viewer().pk])


def to_lead(name: str) -> str:
    lead = Lead.objects.create(email=f"lead-{Lead.objects.count()}@x.example")
    return reverse(name, args=[lead.pk])


def to_page(name: str) -> str:
    number = Page.objects.count()
    page = create_page(name=f"Page {number}", slug=f"page-{number}")
    return reverse(name, args=[page.pk])


def to_variant(name: str) -> str:
    experiment = ExperimentFactory.create(through=[])
    return reverse(name, args=[experiment.pk, variants_of(experiment)[1].pk])


def to_chart(name: str) -> str:
    experiment = ExperimentFactory.create()
    count_visitors(experiment, (200, 20), (200, 20))
    return reverse(name, args=[experiment.id, "rates"])


MAKERS: dict[str, Callable[[str], str]] = {
    "invitation": lambda _name: invitation_link(),
    "invitation-withdraw": to_invitation,
    "password-choose": reset_link,
    "person-role": to_person,
    "person-deactivate": to_person,
    "person-reactivate": to_person,
    "lead-delete": to_lead,
    "chart-csv": to_chart,
    "chart-svg": to_chart,
    "page-edit": to_page,
    "page-home": to_page,
    "page-delete": to_page,
    "variant-preview-link": to_variant,
}
