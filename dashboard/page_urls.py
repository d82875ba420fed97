"""Paths of landing pages, and of links to previews of variants."""

from __future__ import annotations

from django.urls import path

from dashboard.views import landing_pages, previews

urlpatterns = [
    path("pages/", landing_pages.page_list, name="page-list"),
    path("pages/new/", landing_pages.page_create, name="page-create"),
    path("pages/<uuid:page_id>/edit/", landing_pages.page_edit, name="page-edit"),
    path("pages/<uuid:page_id>/home/", landing_pages.page_home, name="page-home"),
    path("pages/<uuid:page_id>/delete/", landing_pages.page_delete, name="page-delete"),
    path(
        "experiments/<uuid:experiment_id>/variants/<uuid:variant_id>/preview/",
        previews.variant_preview_link,
        name="variant-preview-link",
    ),
]
