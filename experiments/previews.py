"""Links that show a variant to whoever has them, for a time.

A link holds the variant and its own end, signed: nothing is stored, so none can be withdrawn.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core import signing
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

_UUID_BYTES, _MOMENT_BYTES = 16, 5


class NotOurs(Exception):
    """A preview link that we didn't make, or that lost a character on its way."""


@dataclass(frozen=True, slots=True)
class PreviewPass:
    """What a link opens, and until when."""

    variant_id: UUID
    until: datetime

    @property
    def has_ended(self) -> bool:
        return self.until.timestamp() <= time.time()


def preview_token(*, variant_id: UUID, lasts: timedelta) -> tuple[str, PreviewPass]:
    """Return the text of a link that shows a variant from now on, and what the text means."""
    until = int(time.time() + lasts.total_seconds())
    packed = variant_id.bytes + until.to_bytes(_MOMENT_BYTES)
    opens = PreviewPass(variant_id, datetime.fromtimestamp(until, UTC))
    return _signer().sign(urlsafe_base64_encode(packed)), opens


def read_token(text: str) -> PreviewPass:
    """Return what a link opens, or opened. Raises NotOurs."""
    try:
        packed = urlsafe_base64_decode(_signer().unsign(text))
        until = datetime.fromtimestamp(int.from_bytes(packed[_UUID_BYTES:]), UTC)
        return PreviewPass(UUID(bytes=packed[:_UUID_BYTES]), until)
    except (signing.BadSignature, ValueError) as error:
        raise NotOurs from error


def _signer() -> signing.Signer:
    # A dot, as a colon makes messengers end the link there.
    return signing.Signer(salt="preview link", sep=".")
