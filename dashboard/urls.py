"""The dashboard's paths. A change of status is a POST of its own."""

from __future__ import annotations

from django.urls import path

from dashboard import experiment_urls, page_urls, people_urls, results_urls
from dashboard.views import (
    editing,
    experiments,
    gallery,
    history,
    home,
    leads,
    lifecycle,
    stream,
    theme,
    toggles,
    tokens,
)
from experiments.lifecycle import Transition

app_name = "dashboard"
urlpatterns = [
    path("", home.home, name="home"),
    *people_urls.urlpatterns,
    path("experiments/", experiments.experiment_list, name="experiment-list"),
    path("experiments/new/", editing.experiment_create, name="experiment-create"),
    path(
        "experiments/<uuid:experiment_id>/",
        experiments.experiment_detail,
        name="experiment-detail",
    ),
    *experiment_urls.urlpatterns,
    *results_urls.urlpatterns,
    *page_urls.urlpatterns,
    path(
        "experiments/<uuid:experiment_id>/history/",
        history.experiment_history,
        name="experiment-history",
    ),
    *(
        path(
            f"experiments/<uuid:experiment_id>/{transition.value}/",
            lifecycle.experiment_transition,
            {"transition": transition},
            name=f"experiment-{transition.value}",
        )
        for transition in (Transition.START, Transition.PAUSE, Transition.RESUME)
    ),
    path("theme/", theme.theme, name="theme"),
    path("components/", gallery.gallery, name="components"),
    path("history/", history.history, name="history"),
    path("history/export/", history.history_export, name="history-export"),
    path("events/", stream.events, name="events"),
    path("toggles/", toggles.toggle_list, name="toggle-list"),
    path("toggles/new/", toggles.toggle_create, name="toggle-create"),
    path("toggles/<uuid:toggle_id>/switch/", toggles.toggle_switch, name="toggle-switch"),
    path("toggles/<uuid:toggle_id>/reason/", toggles.toggle_reason, name="toggle-reason"),
    path("toggles/<uuid:toggle_id>/edit/", toggles.toggle_edit, name="toggle-edit"),
    path("toggles/<uuid:toggle_id>/delete/", toggles.toggle_delete, name="toggle-delete"),
    path("tokens/", tokens.token_list, name="token-list"),
    path("tokens/new/", tokens.token_create, name="token-create"),
    path("tokens/<uuid:token_id>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("leads/", leads.lead_list, name="lead-list"),
    path("leads/export/", leads.lead_export, name="lead-export"),
    path("leads/delete/", leads.lead_delete_found, name="lead-delete-found"),
    path("leads/<int:lead_id>/delete/", leads.lead_delete, name="lead-delete"),
]
