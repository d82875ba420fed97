"""Says who makes the changes of a request, for the audit log."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from experiments import actors
from experiments.actors import Actor, ActorKind, acting

# Who takes up an invitation, or sets a password by a link that came by e-mail.
NOT_SIGNED_IN = Actor(ActorKind.SYSTEM, "somebody not signed in")
_READS = ("GET", "HEAD", "OPTIONS")


class ActorMiddleware:
    """Lets a write of staff's be theirs: the token's that it came with, or the session's person's.

    Nobody is looked up before something audited is written; reads don't even get here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in _READS:
            return self._get_response(request)
        with acting(lambda: _actor_of(request)):
            return self._get_response(request)


def _actor_of(request: HttpRequest) -> Actor:
    token = getattr(request, "api_token", None)
    if token is not None:
        return Actor(ActorKind.TOKEN, token.name, str(token.id))
    if request.user.is_authenticated:
        return actors.person(request.user)
    return NOT_SIGNED_IN
