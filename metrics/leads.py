"""Addresses left in the sign-up form: kept once each, given out to staff alone, and forgotten."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from metrics.models import Lead

PAGE_SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Microseconds since then and a lead's number, both with fewer digits than would be too many.
_MARK = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")


def add_lead(*, email: str) -> None:
    """Keep an address; one that is there already, in whatever case, stays as it is.

    One statement, so that two sign-ups at once can't both be the first. Says nothing of whether
    the address was new: no caller should be able to tell its visitor. Raises database errors.
    """
    Lead.objects.bulk_create([Lead(email=email)], ignore_conflicts=True)


def leads_newest_first(part: str = "") -> QuerySet[Lead]:
    """All leads whose address has this part, in whatever case; for export by `.iterator()`."""
    leads = Lead.objects.order_by("-created_at", "-id")
    return leads.filter(email__icontains=part) if part else leads


@dataclass(frozen=True, slots=True)
class LeadPage:
    """A page of leads. `newer` and `older` are the marks of the pages beside it, or nothing."""

    leads: list[Lead]
    newer: str = ""
    older: str = ""


def page_of_leads(*, part: str = "", before: str = "", after: str = "") -> LeadPage:
    """Return the leads next to a mark, PAGE_SIZE at most; the newest where there is no such mark.

    A page is found by the index however far back it lies, and what arrives meanwhile moves nothing.
    """
    leads = leads_newest_first(part)
    if place := _place_of(before):
        rows = list(leads.filter(_beyond("lt", *place))[: PAGE_SIZE + 1])
        shown = rows[:PAGE_SIZE]
        return _page(shown, has_newer=True, has_older=len(rows) > PAGE_SIZE)
    if place := _place_of(after):
        rows = list(leads.filter(_beyond("gt", *place)).reverse()[: PAGE_SIZE + 1])
        # A first page that isn't full is the newest one, from its beginning.
        if len(rows) > PAGE_SIZE:
            return _page(rows[:PAGE_SIZE][::-1], has_newer=True, has_older=True)
    rows = list(leads[: PAGE_SIZE + 1])
    return _page(rows[:PAGE_SIZE], has_newer=False, has_older=len(rows) > PAGE_SIZE)


def delete_lead(*, lead_id: int) -> str:
    """Forget one address and return it. Raises Lead.DoesNotExist."""
    lead = Lead.objects.get(pk=lead_id)
    lead.delete()
    return lead.email


class OtherNumber(Exception):
    """Not as many leads match as were to be deleted; none was. `number` says how many do."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{number} leads match.")
        self.number = number


@transaction.atomic
def delete_leads(*, part: str, expected: int) -> None:
    """Forget all addresses with this part, if they are still as many as somebody agreed to.

    Raises OtherNumber, and ValueError without a part: nobody means all of them.
    """
    if not part:
        raise ValueError("A part of the address is needed.")
    number, _ = leads_newest_first(part).order_by().delete()
    if number != expected:
        raise OtherNumber(number)


def _page(leads: list[Lead], *, has_newer: bool, has_older: bool) -> LeadPage:
    if not leads:
        return LeadPage([])
    return LeadPage(
        leads,
        newer=_mark_of(leads[0]) if has_newer else "",
        older=_mark_of(leads[-1]) if has_older else "",
    )


def _beyond(lookup: str, moment: datetime, number: int) -> Q:
    """Return what comes after a place. The first part is what the index goes by."""
    return Q(**{f"created_at__{lookup}e": moment}) & (
        Q(**{f"created_at__{lookup}": moment}) | Q(created_at=moment, **{f"id__{lookup}": number})
    )


def _mark_of(lead: Lead) -> str:
    return f"{(lead.created_at - _EPOCH) // timedelta(microseconds=1)}-{lead.pk}"


def _place_of(mark: str) -> tuple[datetime, int] | None:
    """Return the moment and number of a mark, or None for what isn't one."""
    found = _MARK.fullmatch(mark)
    if not found:
        return None
    return _EPOCH + timedelta(microseconds=int(found[1])), int(found[2])
