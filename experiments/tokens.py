"""API tokens: made, revoked, and recognised. A token is `ps_<prefix>_<secret>`."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from experiments import store
from experiments.instances import instance_of
from experiments.models import ApiToken

_MARK = "ps"
_PREFIX = re.compile(r"[0-9a-f]{12}")


@transaction.atomic
def create_token(*, name: str, created_by: AbstractBaseUser | None = None) -> tuple[ApiToken, str]:
    """Make a token and return its row and its text, which nobody can read again.

    Raises ValidationError where a valid token has this name.
    """
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    token = ApiToken(
        name=name,
        prefix=prefix,
        secret_hash=_hash(secret),
        created_by_id=created_by.pk if created_by else None,
    )
    token.full_clean()
    try:
        with transaction.atomic():
            token.save()
    except IntegrityError:
        # A parallel call took the name after full_clean had looked.
        token.full_clean()
        raise
    return token, f"{_MARK}_{prefix}_{secret}"


@transaction.atomic
def revoke_token(*, token_id: UUID) -> ApiToken:
    """Make a token worthless from now on. Raises ApiToken.DoesNotExist if none such is valid."""
    token = ApiToken.objects.valid().select_for_update().get(pk=token_id)
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    return token


def token_for(text: str) -> ApiToken | None:
    """Return the valid token of this text, or None.

    The secret is random and long, so that a fast hash keeps it; the comparison takes the same time
    wherever the first wrong character stands.
    """
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != _MARK or not _PREFIX.fullmatch(prefix):
        return None
    row = store.valid_token_row(prefix)
    known = row["secret_hash"] if row else _hash("")
    is_known = secrets.compare_digest(known, _hash(secret))
    return instance_of(ApiToken, row) if row and is_known else None


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
