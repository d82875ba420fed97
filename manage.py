#!/usr/bin/env python
"""Django's commands, on the same data as the running site."""

from __future__ import annotations

import os
import sys

_TALK = {"help", "version", "--version"}
_ASKS_FOR_HELP = {"--help", "-h"}


def main() -> None:
    """Run one command, with the embedded server running if that is the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    only_talks = _only_talks(sys.argv[1:])
    if not os.environ.get("DATABASE_URL") and not only_talks:
        from config import embedded

        embedded.leave_on_signals()
        try:
            embedded.ensure_running()
        except embedded.EmbeddedError as error:
            sys.exit(str(error))
    if not only_talks:
        _require_settings()
    from experiments.actors import acting, command

    # What it changes is the command's doing, in the audit log.
    with acting(command(sys.argv[1] if len(sys.argv) > 1 else "")):
        execute_from_command_line(sys.argv)


def _require_settings() -> None:
    """Exit by one line where a setting that nothing works without is missing or wrong."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        settings.INSTALLED_APPS  # noqa: B018  (reading it reads them all)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


def _only_talks(arguments: list[str]) -> bool:
    return not arguments or arguments[0] in _TALK or not _ASKS_FOR_HELP.isdisjoint(arguments)


if __name__ == "__main__":
    main()
