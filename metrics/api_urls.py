from __future__ import annotations

from django.urls import path

from metrics import api

urlpatterns = [
    path("events", api.record_event, name="events"),
    path("track", api.record_event, name="track"),
    path("events/batch", api.record_batch, name="event-batches"),
    path("stats", api.stats, name="stats"),
]
