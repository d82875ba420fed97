"""Results that refresh themselves, and leave the reader where they are."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser import count_visitors
from experiments import services
from experiments.lifecycle import Transition
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from metrics.models import DailyCount
from tests.e2e.staff import detail, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_results_refresh_without_losing_focus_scroll_or_open_drawers(page: Page) -> None:
    experiment = ExperimentFactory.create(name="Busy")
    count_visitors(experiment, (1000, 100), (900, 99))
    sign_in(page, detail(experiment))
    rows = page.get_by_role("table").first.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("1,000")
    page.get_by_text("The classical figures").click()

    services.update_experiment(experiment_id=experiment.id, name="Busy")
    count_more(experiment)
    page.get_by_role("button", name="Refresh").focus()
    page.evaluate("window.scrollTo(0, 300)")
    page.keyboard.press("Enter")
    expect(rows.nth(1)).to_contain_text("1,500")
    expect(page.get_by_role("button", name="Refresh")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("The results are up to date.")
    expect(page.get_by_text("Pearson's chi-squared test")).to_be_visible()
    assert page.evaluate("window.scrollY") == 300

    # A drawer inside what is swapped keeps the focus too.
    summary = page.locator("#types-summary")
    summary.focus()
    page.evaluate("htmx.trigger('#results', 'refresh')")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#types-summary")).to_be_focused()


def count_more(experiment: Experiment) -> None:
    """Let the control have 500 visitors more, from a second process's slot."""
    control = experiment.variants.get(position=0)
    for row in DailyCount.objects.filter(variant=control, kind__in=("exposure", "page_view")):
        DailyCount.objects.create(
            experiment=experiment,
            variant=control,
            day=row.day,
            kind=row.kind,
            slot=1,
            events=500,
            visitors=500,
        )


def test_results_refresh_themselves_every_thirty_seconds_but_not_while_hidden(page: Page) -> None:
    page.clock.install()
    experiment = ExperimentFactory.create()
    sign_in(page, detail(experiment))
    asked = requests_by_htmx(page)

    def pass_half_a_minute() -> int:
        asked.clear()
        page.clock.run_for(30_500)
        settle(page)
        return len(asked)

    assert pass_half_a_minute() == 1
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    assert pass_half_a_minute() == 0
    page.evaluate("delete document.hidden")
    asked.clear()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    settle(page)
    assert len(asked) == 1


def requests_by_htmx(page: Page) -> list[str]:
    """Return a list to which each is added; others, for the icon say, the browser makes itself."""
    asked: list[str] = []
    page.on(
        "request",
        lambda request: asked.append(request.url) if "hx-request" in request.headers else None,
    )
    return asked


def settle(page: Page) -> None:
    """Wait until the page's requests so far are told of: a later one has its answer."""
    with page.expect_response("**/livez"):
        page.evaluate("() => { fetch('/livez') }")


def test_polling_ends_when_somebody_completes_the_experiment(page: Page) -> None:
    page.clock.install()
    experiment = ExperimentFactory.create()
    sign_in(page, detail(experiment))
    services.transition_experiment(experiment_id=experiment.id, transition=Transition.COMPLETE)
    page.clock.run_for(30_500)
    expect(page.get_by_text("Nobody came")).to_be_visible()
    asked = requests_by_htmx(page)
    page.clock.run_for(95_000)
    settle(page)
    assert asked == []
