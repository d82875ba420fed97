"""Previews for staff's frames; under the dashboard's path, where it is known who is signed in."""

from __future__ import annotations

from django.urls import path

from landing import preview_views

app_name = "preview"
urlpatterns = [
    path("content/", preview_views.content, name="content"),
    path("pages/<uuid:page_id>/", preview_views.page, name="page"),
    path("variants/<uuid:variant_id>/", preview_views.variant, name="variant"),
]
