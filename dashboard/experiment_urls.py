"""Paths of an experiment's goals, plan and closer looks."""

from __future__ import annotations

from django.urls import path

from dashboard.views import exploring, goals, planning, simulator

ROOT = "experiments/<uuid:experiment_id>"
urlpatterns = [
    path(f"{ROOT}/plan/", planning.experiment_plan, name="experiment-plan"),
    path(f"{ROOT}/goals/", goals.goal_list, name="goal-list"),
    path(f"{ROOT}/goals/new/", goals.goal_create, name="goal-create"),
    path(f"{ROOT}/goals/<uuid:goal_id>/", goals.goal_edit, name="goal-edit"),
    path(f"{ROOT}/goals/<uuid:goal_id>/remove/", goals.goal_remove, name="goal-remove"),
    path(f"{ROOT}/breakdown/", exploring.experiment_breakdown, name="experiment-breakdown"),
    path(f"{ROOT}/simulate/", simulator.simulate, name="experiment-simulate"),
    path("simulate/", simulator.simulate, name="simulate"),
]
