"""Paths of one experiment's pages: how it is made, what it shows, its goals, plan, closer looks."""

from __future__ import annotations

from django.urls import path

from dashboard.views import copies, editing, exploring, goals, planning, reviewing, simulator

ROOT = "experiments/<uuid:experiment_id>"
urlpatterns = [
    path(f"{ROOT}/question/", editing.experiment_question, name="experiment-question"),
    path(
        f"{ROOT}/setup/variants/",
        editing.experiment_edit,
        {"is_setup": True},
        name="experiment-setup-variants",
    ),
    path(f"{ROOT}/setup/plan/", planning.setup_plan, name="experiment-setup-plan"),
    path(f"{ROOT}/review/", reviewing.experiment_review, name="experiment-review"),
    path(f"{ROOT}/content/", reviewing.experiment_content, name="experiment-content"),
    path(f"{ROOT}/edit/", editing.experiment_edit, name="experiment-edit"),
    path(f"{ROOT}/rename/", copies.experiment_rename, name="experiment-rename"),
    path(f"{ROOT}/duplicate/", copies.experiment_duplicate, name="experiment-duplicate"),
    path(f"{ROOT}/archive/", copies.experiment_archive, name="experiment-archive"),
    path(f"{ROOT}/restore/", copies.experiment_restore, name="experiment-restore"),
    path(f"{ROOT}/plan/", planning.experiment_plan, name="experiment-plan"),
    path(f"{ROOT}/goals/", goals.goal_list, name="goal-list"),
    path(f"{ROOT}/goals/new/", goals.goal_create, name="goal-create"),
    path(f"{ROOT}/goals/<uuid:goal_id>/", goals.goal_edit, name="goal-edit"),
    path(f"{ROOT}/goals/<uuid:goal_id>/remove/", goals.goal_remove, name="goal-remove"),
    path(f"{ROOT}/breakdown/", exploring.experiment_breakdown, name="experiment-breakdown"),
    path(f"{ROOT}/simulate/", simulator.simulate, name="experiment-simulate"),
    path("simulate/", simulator.simulate, name="simulate"),
]
