from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MetricsConfig(AppConfig):
    name = "metrics"

    def ready(self) -> None:
        from metrics import partitions

        post_migrate.connect(partitions.after_migrate, sender=self)
