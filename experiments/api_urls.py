from __future__ import annotations

from django.urls import path

from experiments import api

urlpatterns = [
    path("assignments", api.assignments, name="assignments"),
    path("assign", api.assignments, name="assign"),
    path("experiments", api.experiments, name="experiments"),
    path("experiments/<str:experiment_id>", api.experiment, name="experiment"),
    path("toggles", api.toggle_list, name="toggles"),
    path("toggles/<str:toggle_id>", api.toggle, name="toggle"),
]
