"""What is pictured: each page of the product in the states that people meet it in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import screen_steps as steps
from screens import Screen, at, landing_as, landing_with_toggles_turned, sign_in, signing_up

HOME = "/dashboard/"
LIST = "/dashboard/experiments/"
DEFAULT, DRAFT = LIST + "{default}/", LIST + "{draft}/"


def _experiments() -> Iterator[Screen]:
    yield Screen("home", at(HOME), "staff")
    yield Screen("experiments", at(LIST), "staff")
    yield Screen("experiments-none-found", at(LIST + "?q=nothing+like+it"), "staff")
    yield Screen("results", at(DEFAULT), "staff")
    yield Screen("results-drawers-open", steps.drawers_open(DEFAULT), "staff")
    yield Screen("results-empty", at(LIST + "{empty}/"), "staff")
    yield Screen("results-paused", at(LIST + "{paused}/"), "staff")
    yield Screen("results-completed", at(LIST + "{completed}/"), "staff")
    yield Screen("results-question", steps.question(DEFAULT, "pause"), "staff")
    yield Screen("results-undo", steps.question(LIST + "{completed}/", "reopen"), "staff")
    yield Screen("complete", at(DEFAULT + "complete/"), "staff")
    yield Screen("breakdown", at(DEFAULT + "breakdown/?by=device"), "staff")
    yield Screen("breakdown-days", at(DEFAULT + "breakdown/?by=day"), "staff")
    yield Screen("content", at(DEFAULT + "content/"), "staff")
    yield Screen("content-on-a-phone", steps.phone_preview, "staff")
    yield Screen("plan", at(DEFAULT + "plan/"), "staff")
    yield Screen("history-of-one", at(LIST + "{completed}/history/"), "viewer")
    yield Screen("rename", at(DRAFT + "rename/"), "staff")
    yield Screen("experiment-edit", at(DEFAULT + "edit/"), "staff")
    yield Screen("experiment-conflict", steps.form_in_conflict, "staff")
    yield Screen("phase-question", steps.phase_asked, "staff")
    yield Screen("new-question", at(LIST + "new/"), "staff")
    yield Screen("new-question-again", at(DRAFT + "question/"), "staff")
    yield Screen("new-variants", at(DRAFT + "setup/variants/"), "staff")
    yield Screen("new-variants-errors", steps.variants_with_errors, "staff")
    yield Screen("new-plan", at(DRAFT + "setup/plan/"), "staff")
    yield Screen("new-plan-impossible", steps.plan_impossible, "staff")
    yield Screen("new-review", at(DRAFT + "review/"), "staff")
    yield Screen("goals", at(DRAFT + "goals/"), "staff")
    yield Screen("goal-new", steps.drawers_open(DRAFT + "goals/new/"), "staff")
    yield Screen("goal-edit", at(DRAFT + "goals/{goal}/"), "staff")
    yield Screen("preview-link", at(DEFAULT + "variants/{variant}/preview/"), "staff")


def _the_rest_of_the_dashboard() -> Iterator[Screen]:
    yield Screen("menu", steps.menu_open, "staff")
    yield Screen("german", steps.pressing(HOME, "staff", "Deutsch"), "staff")
    yield Screen("components", at("/dashboard/components/"), "staff")
    yield Screen("history", at("/dashboard/history/"), "staff")
    both_sides = steps.drawers_open("/dashboard/history/?kind=variant")
    yield Screen("history-both-sides", both_sides, "staff")
    yield Screen("history-nothing", at("/dashboard/history/?last=2020-01-01"), "staff")
    yield Screen("simulator", at("/dashboard/simulate/"), "viewer")
    yield Screen("simulator-answer", steps.simulated, "staff")
    yield Screen("pages", at("/dashboard/pages/"), "staff")
    yield Screen("pages-question", steps.question("/dashboard/pages/", "delete"), "staff")
    yield Screen("page-new", at("/dashboard/pages/new/"), "staff")
    yield Screen("page-edit", at("/dashboard/pages/{page}/edit/"), "staff")
    yield Screen("toggles", at("/dashboard/toggles/"), "staff")
    yield Screen("toggles-question", steps.question("/dashboard/toggles/", "delete"), "staff")
    yield Screen("toggle-new", at("/dashboard/toggles/new/"), "staff")
    yield Screen("toggle-change", steps.pressing("/dashboard/toggles/", "Change"), "staff")
    yield Screen("leads", at("/dashboard/leads/"), "staff")
    yield Screen("leads-search", at("/dashboard/leads/?q=example.org"), "staff")
    yield Screen("leads-question", steps.question("/dashboard/leads/?q=e", "delete-found"), "staff")
    yield Screen("people", at("/dashboard/people/"), "staff")
    yield Screen("people-question", steps.question("/dashboard/people/", "deactivate"), "staff")
    yield Screen("people-invited", steps.inviting("ada@example.org"), "staff")
    yield Screen("account", at("/dashboard/account/"), "staff")
    yield Screen("tokens", at("/dashboard/tokens/"), "staff")
    yield Screen("token-made", steps.new_token, "staff")
    yield Screen("viewer-results", at(DEFAULT), "viewer")
    yield Screen("viewer-toggles", at("/dashboard/toggles/"), "viewer")
    yield Screen("viewer-forbidden", at("/dashboard/tokens/"), "viewer")


def _before_signing_in() -> Iterator[Screen]:
    yield Screen("sign-in", at("/dashboard/sign-in/"))
    yield Screen("sign-in-refused", lambda page, _site: sign_in(page, "staff", wrongly=True))
    yield Screen("invitation", steps.invited, "staff")
    yield Screen("invitation-errors", partial(steps.invited, typed="1234567"), "staff")
    yield Screen("invitation-gone", at("/dashboard/invitation/"))
    yield Screen("password-forgotten", at("/dashboard/password/"))
    yield Screen("password-sent", at("/dashboard/password/sent/"))
    yield Screen("password-choose", at("/dashboard/password/choose/?link={reset}"))
    yield Screen("password-choose-gone", at("/dashboard/password/choose/"))


def _landing_pages() -> Iterator[Screen]:
    yield Screen("preview-opened", steps.preview_opened, "staff")
    yield Screen("preview-unknown", at("/preview/nothing"))
    yield Screen("preview-in-a-frame", at("/dashboard/preview/variants/{variant}/"), "staff")
    yield Screen("preview-of-a-page", at("/dashboard/preview/pages/{page}/"), "staff")
    # From here on visitors are counted.
    yield Screen("landing-control", landing_as("control"))
    yield Screen("landing-variant", landing_as("variant_a"))
    yield Screen("landing-second-page", at("/teams/"))
    yield Screen("landing-toggles-turned", landing_with_toggles_turned)
    yield Screen("landing-sign-up-error", signing_up("somebody@nowhere"))
    yield Screen("landing-sign-up-done", signing_up("reader@example.org"))
    yield Screen("live-events", at("/dashboard/events/"), "staff")
    yield Screen("error-forbidden", steps.failing(403, "403_csrf.html"))
    yield Screen("error-not-found", at("/nothing-here"))
    yield Screen("error-server", steps.failing(500, "500.html"))
    yield Screen("error-unavailable", steps.failing(503, "503.html"))


SCREENS = (
    *_before_signing_in(),
    *_experiments(),
    *_the_rest_of_the_dashboard(),
    *_landing_pages(),
)
