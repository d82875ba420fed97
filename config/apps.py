from __future__ import annotations

import time

from django.apps import AppConfig

# When this process began to serve; from here health counts its uptime.
STARTED = time.monotonic()


class ConfigConfig(AppConfig):
    """Registers the system checks that refuse a bad deployment."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401  (registration is the import's effect)
