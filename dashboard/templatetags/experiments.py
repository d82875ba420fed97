"""The head that all pages of an experiment share, and the steps that make one."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import RequestContext
from django.utils.translation import gettext_lazy as _

from dashboard.actions import actions_for
from dashboard.setup import Step, next_step, steps_of, url_of
from experiments import roles
from experiments.models import Experiment, Page

register = template.Library()

# What stands on one of a tab's pages that isn't the tab itself.
_TABS = (
    ("results", "experiment-detail", _("Results")),
    ("content", "experiment-content", _("Content")),
    ("plan", "experiment-plan", _("Plan")),
    ("history", "experiment-history", _("History")),
)


@register.inclusion_tag("dashboard/experiment/head.html", takes_context=True)
def experiment_head(
    context: RequestContext,
    experiment: Experiment,
    tab: str,
    *,
    target: str = "",
    has_form: bool = False,
) -> dict[str, Any]:
    """{% experiment_head experiment "plan" %}: name, status, page, actions and tabs.

    `tab` is results, content, plan or history. `target` is what HTMX swaps for a change of status;
    without one the browser goes to the results. `has_form` where the page has a form with the
    experiment's version, which renaming would make stale.
    """
    return head_context(context, experiment, tab, target=target, may_rename=not has_form)


@register.inclusion_tag("dashboard/experiment/setup_head.html")
def setup_head(experiment: Experiment | None, here: str) -> dict[str, Any]:
    """{% setup_head experiment "variants" %}: the steps of making an experiment, and where one is.

    `here` is question, variants, plan or review; the experiment is None before the first save.
    """
    steps = steps_of(experiment, here)
    return {"experiment": experiment, "steps": steps, "step": next(s for s in steps if s.is_here)}


@register.simple_tag
def setup_url(experiment: Experiment, step: str) -> str:
    """{% setup_url experiment "plan" %}: where a step's page is."""
    return url_of(experiment, Step(step))


@register.simple_tag
def next_step_url(experiment: Experiment) -> str:
    """{% next_step_url experiment %}: where a draft's making goes on."""
    return url_of(experiment, next_step(experiment))


def head_context(
    context: RequestContext | dict[str, Any],
    experiment: Experiment,
    tab: str,
    *,
    target: str = "",
    may_rename: bool = True,
) -> dict[str, Any]:
    """Return what dashboard/experiment/head.html shows to whoever asks."""
    user: roles.AnyUser = context["request"].user
    may_edit = roles.can_edit(user)
    return {
        "request": context["request"],
        "is_changed": context.get("is_changed"),
        "experiment": experiment,
        "page": experiment.page if Page.objects.count() > 1 else None,
        "actions": actions_for(experiment, user),
        "target": target,
        "tab": tab,
        "tabs": _TABS,
        "may_edit": may_edit,
        "may_rename": may_edit and may_rename,
        "renaming": context.get("renaming"),
    }
