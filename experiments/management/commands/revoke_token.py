from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from experiments.models import ApiToken
from experiments.selectors import valid_tokens
from experiments.tokens import revoke_token


class Command(BaseCommand):
    help = "Revoke an API token: from now on it is answered with a 401."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="The name that the token was made with.")

    def handle(self, *_args: Any, **options: Any) -> None:
        name = options["name"].strip()
        try:
            revoke_token(token_id=valid_tokens().get(name=name).id)
        except ApiToken.DoesNotExist:
            raise CommandError(f"No valid token has the name “{name}”.") from None
        self.stdout.write(f"Revoked “{name}”.")
