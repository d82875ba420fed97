from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from experiments import roles

GROUPS = {"viewer": roles.VIEWERS, "editor": roles.EDITORS}


class Command(BaseCommand):
    help = "Make a person who may sign in to the dashboard."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the user name to sign in with")
        parser.add_argument(
            "--role", choices=sorted(GROUPS), default="viewer", help="viewers look, editors change"
        )

    @transaction.atomic
    def handle(self, *_args: Any, **options: Any) -> None:
        user = User(username=options["name"].strip(), is_staff=True)
        try:
            user.clean_fields(exclude=["password"])
            user.validate_unique()
            password = self._password()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        user.save()
        user.groups.add(Group.objects.get_or_create(name=GROUPS[options["role"]])[0])
        self.stdout.write(f"{user.username} may sign in, as {options['role']}.")

    def _password(self) -> str:
        """Ask twice on a terminal; elsewhere read one line, so that scripts can give it."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        first, again = getpass("Password: "), getpass("Again: ")
        if first != again:
            raise CommandError("The two passwords differ; nobody was made.")
        return first
