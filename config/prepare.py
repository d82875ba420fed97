"""Database and static files brought up to date, in one process: `python -m config.prepare`."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import CommandError, call_command

from experiments.actors import acting, command


def main() -> None:
    """Check the project, migrate, collect static files and seed; exit with a message on failure."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    try:
        with acting(command("migrate")):
            call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
        call_command("collectstatic", interactive=False, verbosity=0)
        with acting(command("seed")):
            call_command("seed")
    except CommandError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
