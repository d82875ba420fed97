"""Paths of what an experiment's results are made of, and of what is made of them."""

from __future__ import annotations

from django.urls import path

from dashboard.views import charts, decisions

ROOT = "experiments/<uuid:experiment_id>"
urlpatterns = [
    path(f"{ROOT}/complete/", decisions.experiment_complete, name="experiment-complete"),
    path(f"{ROOT}/reopen/", decisions.experiment_reopen, name="experiment-reopen"),
    path(f"{ROOT}/charts/<slug:chart>.csv", charts.chart_csv, name="chart-csv"),
    path(f"{ROOT}/charts/<slug:chart>.svg", charts.chart_svg, name="chart-svg"),
]
