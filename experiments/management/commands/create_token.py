from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from experiments.tokens import create_token


class Command(BaseCommand):
    help = "Make an API token and print it. It is shown this once and can't be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="What the token is for; revoke_token takes the same name.")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            _, text = create_token(name=options["name"].strip())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(text)
