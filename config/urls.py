"""Where each path leads. One JSON api_urls per app; pages by the app that renders them."""

from __future__ import annotations

from django.urls import include, path

from config import health, openapi

urlpatterns = [
    path("api/", include("experiments.api_urls")),
    path("api/", include("metrics.api_urls")),
    path("api/health", health.health, name="health"),
    path("api/openapi.json", openapi.openapi, name="openapi"),
    path("livez", health.livez, name="livez"),
    path("dashboard/preview/", include("landing.preview_urls")),
    path("dashboard/", include("dashboard.urls")),
    path("", include("landing.urls")),
]

handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
