"""Charts in a browser: read by pointer and keyboard, and taken away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser import age, count_visitors
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from tests.e2e.staff import detail, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def counted(page: Page) -> Experiment:
    experiment: Experiment = ExperimentFactory.create(name="Evenings")
    age(experiment, 9)
    for days_ago, (control, treatment) in enumerate([(40, 50), (300, 310), (500, 480)]):
        arms = ((control, control // 10), (treatment, treatment // 8))
        count_visitors(experiment, *arms, days_ago=days_ago, others={"scroll_depth": 30})
    sign_in(page, detail(experiment))
    return experiment


def test_values_are_read_by_arrow_keys_and_announced(page: Page, counted: Experiment) -> None:
    reader = page.get_by_role("slider", name="Rate, day by day: values, by arrow keys")
    tip = page.locator("#plot-trend .plot-tip")
    expect(tip).to_be_hidden()
    reader.focus()
    expect(reader).to_have_attribute("aria-valuetext", re.compile("control 10.0 % of 840; variant"))
    page.keyboard.press("ArrowLeft")
    expect(reader).to_have_attribute("aria-valuetext", re.compile("control 10.0 % of 800; variant"))
    expect(reader).to_have_attribute("aria-valuenow", "2")
    expect(tip).to_contain_text("variant_1")
    expect(tip).to_contain_text("of 790")
    page.keyboard.press("Home")
    expect(reader).to_have_attribute("aria-valuenow", "1")
    page.keyboard.press("End")
    expect(reader).to_have_attribute("aria-valuenow", "3")
    page.keyboard.press("ArrowRight")
    expect(reader).to_have_attribute("aria-valuenow", "3")
    page.keyboard.press("ArrowLeft")

    # Fresh results leave the reader where it is.
    count_visitors(counted, (7, 1), (9, 1), days_ago=4)
    page.evaluate("htmx.trigger('#results', 'refresh')")
    expect(reader).to_have_attribute("aria-valuetext", re.compile("of 7;"))
    expect(reader).to_be_focused()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()

    funnel = page.get_by_role("slider", name=re.compile("^How far visitors go"))
    funnel.focus()
    page.keyboard.press("ArrowDown")
    expect(funnel).to_have_attribute(
        "aria-valuetext", re.compile(r"^Scrolled: control .*90 of 847")
    )


def test_values_are_shown_under_the_pointer(page: Page, counted: Experiment) -> None:
    tip = page.locator("#plot-visitors .plot-tip")
    page.locator("#plot-visitors .slot").nth(1).hover()
    expect(tip).to_contain_text("control 300")
    expect(tip).to_contain_text("variant_1 310")
    page.locator("#plot-visitors .slot").last.hover()
    expect(tip).to_contain_text("control 40")
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()


def test_chart_is_taken_away_as_numbers_drawing_and_picture(
    page: Page, counted: Experiment, tmp_path: Path
) -> None:
    figure = page.locator("#plot-conversions")
    found: dict[str, bytes] = {}
    for kind, role in (("CSV", "link"), ("SVG", "link"), ("PNG", "button")):
        with page.expect_download() as download:
            figure.get_by_role(role, name=re.compile(kind)).click()  # type: ignore[arg-type]  # roles are a literal type
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        found[path.name] = path.read_bytes()
    assert found["evenings-phase-1-conversions.csv"].startswith(b"day,variant,conversions\r\n")
    assert found["evenings-phase-1-conversions.svg"].lstrip().startswith(b"<svg xmlns=")
    picture = found["conversions.png"]
    assert picture.startswith(PNG)
    # Twice as wide as the drawing; and it isn't blank.
    assert int.from_bytes(picture[16:20], "big") == 1600
    assert len(picture) > 10_000


def test_without_a_script_the_table_and_two_downloads_are_offered(
    page: Page, counted: Experiment
) -> None:
    browser = page.context.browser
    assert browser is not None
    quiet = browser.new_context(
        base_url=page.url, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    still = quiet.new_page()
    still.goto(detail(counted))
    figure = still.locator("#plot-trend")
    expect(figure.get_by_role("button", name=re.compile("PNG"))).to_be_hidden()
    expect(figure.get_by_role("link", name=re.compile("CSV"))).to_be_visible()
    expect(still.get_by_role("slider")).to_have_count(0)
    figure.get_by_text("As a table").click()
    expect(figure.get_by_role("row")).to_have_count(4)
    quiet.close()
