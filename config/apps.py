from __future__ import annotations

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the system checks that refuse a bad deployment."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401, PLC0415  (registration is the import's effect)
