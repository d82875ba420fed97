"""The page “What would happen if I ran this plan 2,000 times?”."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from dashboard.forms.simulator import SimulatorForm, most_runs
from dashboard.simulator import Answer, Simulator
from dashboard.tests.browser import HTMX, path_of
from experiments import plans
from experiments.models import Experiment
from experiments.plans import PlanDraft
from experiments.tests.factories import ExperimentFactory
from metrics import rehearsal_runs
from metrics.rehearsal_runs import UNDER_WAY, Order, Progress
from metrics.stats.scenario import Scenario
from metrics.stats.tally import simulate

pytestmark = pytest.mark.django_db

PATH = "/dashboard/simulate/"
TYPED = {
    "baseline_rate": "10",
    "minimum_lift": "20",
    "per_arm": "600",
    "days": "7",
    "arms": "2",
    "runs": "100",
    "seed": "7",
}
WAITING = {**HTMX, "HX-Target": "simulation-progress"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    """Let orders be noted, and nothing be made of them."""
    orders: list[Order] = []
    monkeypatch.setattr(rehearsal_runs, "start", orders.append)
    return orders


def order_of(experiment: Experiment | None = None, **changes: str) -> Order:
    order = Simulator(experiment, TYPED | changes).order
    assert order is not None
    return order


def answer(order: Order) -> None:
    """Let the answer to an order be known."""
    cache.set(order.key, simulate(order.scenario, order.runs))


def planned(**kwargs: Any) -> Experiment:
    experiment: Experiment = ExperimentFactory.create(through=[], **kwargs)
    draft = PlanDraft(
        baseline_rate=0.2, minimum_lift=0.25, power=0.8, visitors_per_variant=1094, days=14
    )
    plans.save_plan(experiment_id=experiment.id, plan=draft)
    return experiment


def text_of(response: Any) -> str:
    tags_gone = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(tags_gone.replace("\u00a0", " ").split())


def test_page_opens_with_the_plans_own_settings(viewer: Client) -> None:
    experiment = planned(split=[50, 30, 20])
    page = viewer.get(path_of("experiment-simulate", experiment.id)).content.decode()
    expected = ("20", "25", "1094", "14", "3", "2000", "7")
    for name, value in zip(TYPED, expected, strict=True):
        assert f'name="{name}" value="{value}"' in page
    assert "What you will see" in page
    order = Simulator.from_query(experiment, {}).order
    assert order == Order(
        Scenario(0.2, 0.25, 1094, looks=14, weights=(50, 30, 20), seed=7), runs=2000
    )


def test_page_without_a_plan_opens_with_usual_settings(viewer: Client) -> None:
    experiment = ExperimentFactory.create(split=[100, 0])
    for path in (PATH, path_of("experiment-simulate", experiment.id)):
        page = viewer.get(path).content.decode()
        assert 'name="baseline_rate" value="5"' in page
        assert 'name="per_arm" value="8158"' in page
        assert 'name="arms" value="2"' in page


def test_plan_that_is_being_made_links_to_its_simulation(editor: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    typed = {"baseline_rate": "20", "minimum_lift": "25", "power": "0.8", "visitors_per_day": "100"}
    part = editor.get(path_of("experiment-plan", experiment.id), typed, headers=HTMX)
    link = re.search(r'href="([^"]*simulate/[^"]*)"', part.content.decode())
    assert link is not None
    page = editor.get(html.unescape(link[1])).content.decode()
    for name, value in (("baseline_rate", "20"), ("minimum_lift", "25"), ("per_arm", "1094")):
        assert f'name="{name}" value="{value}"' in page
    assert 'name="days" value="28"' in page


def test_experiment_with_a_plan_links_to_its_simulation(viewer: Client) -> None:
    experiment = planned()
    link = f'href="{path_of("experiment-simulate", experiment.id)}"'
    assert link in viewer.get(path_of("experiment-detail", experiment.id)).content.decode()
    without = ExperimentFactory.create()
    page = viewer.get(path_of("experiment-detail", without.id)).content.decode()
    assert path_of("experiment-simulate", without.id) not in page


def test_link_with_some_settings_takes_the_others_from_the_plan(viewer: Client) -> None:
    path = path_of("experiment-simulate", planned().id)
    page = viewer.get(f"{path}?baseline_rate=12&nonsense=1").content.decode()
    assert 'name="baseline_rate" value="12"' in page
    assert 'name="per_arm" value="1094"' in page


def test_another_number_of_variants_than_the_experiments_is_split_evenly() -> None:
    experiment = planned(split=[50, 30, 20])
    assert order_of(experiment, arms="3").scenario.weights == (50, 30, 20)
    assert order_of(experiment, arms="4").scenario.weights == (1, 1, 1, 1)
    assert order_of(None, arms="3").scenario.weights == (1, 1, 1)


def test_plain_form_leads_to_where_the_answer_will_be(viewer: Client, asked: list[Order]) -> None:
    response: Any = viewer.post(PATH, TYPED)
    assert response.status_code == 302
    assert asked == [order_of()]
    cache.set(UNDER_WAY, Progress(order_of().key, 50, 200))
    page = viewer.get(response["Location"])
    assert "50 of 200 experiments" in text_of(page)
    assert '<progress class="run-progress" max="100" value="25"' in page.content.decode()
    answer(order_of())
    assert "Fooled where nothing differs" in text_of(viewer.get(response["Location"]))


def test_part_is_pushed_polled_and_swapped_for_the_answer(
    viewer: Client, asked: list[Order]
) -> None:
    cache.set(UNDER_WAY, Progress(order_of().key, 0, 200))
    started: Any = viewer.post(PATH, TYPED, headers=HTMX)
    url = started["HX-Push-Url"]
    assert asked == [order_of()]
    assert started.content.decode().strip().startswith('<div id="simulator">')
    waiting: Any = viewer.get(url, headers=WAITING)
    assert 'id="simulation-progress"' in waiting.content.decode()
    assert "<h2" not in waiting.content.decode()
    assert "HX-Retarget" not in waiting.headers
    answer(order_of())
    done: Any = viewer.get(url, headers=WAITING)
    assert (done["HX-Retarget"], done["HX-Reswap"]) == ("#simulation", "outerHTML")
    assert "Fooled where nothing differs" in text_of(done)
    assert "hx-trigger" not in done.content.decode()


def test_waiting_for_what_broke_off_ends_with_a_sentence(viewer: Client) -> None:
    ended: Any = viewer.get(Simulator(None, TYPED).url, headers=WAITING)
    assert "The simulation broke off before it was done." in text_of(ended)
    assert "hx-trigger" not in ended.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_second_request_is_told_to_wait(viewer: Client, headers: dict[str, str]) -> None:
    cache.set(UNDER_WAY, Progress("another", 86, 200))
    response: Any = viewer.post(PATH, TYPED, headers=headers)
    assert response.status_code == 409
    told = text_of(response)
    assert (
        "Another simulation is under way (43 % done), and the server makes one at a time." in told
    )
    assert "Try again in half a minute." in told
    assert 'name="per_arm" value="600"' in response.content.decode()


def test_cache_that_keeps_nothing_is_told(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "add", lambda *_args: False)
    told = text_of(viewer.post(PATH, TYPED))
    assert "the server's cache can't be reached" in told.replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("baseline_rate", "0", "A baseline rate lies between 0.01 % and 99.99 %."),
        ("baseline_rate", "", "Give a rate between 0.01 % and 99.99 %."),
        ("baseline_rate", "nan", "Enter a number."),
        ("minimum_lift", "-5", "The smallest lift lies between 0.1 % and 10,000 %."),
        ("minimum_lift", "901", "A baseline of 10 % allows a lift of at most 900 %."),
        ("per_arm", "0", "Visitors per variant are 1 to 100,000,000."),
        ("per_arm", "1e400", "Visitors per variant are 1 to 100,000,000."),
        ("days", "6", "Days are 7 to 365: no verdict comes before a week is over."),
        ("days", "366", "Days are 7 to 365: no verdict comes before a week is over."),
        ("arms", "1", "Variants are 2 to 20, the control included."),
        ("arms", "21", "Variants are 2 to 20, the control included."),
        ("runs", "2001", "Runs are 100 to 2,000 here; “manage.py simulate” makes up to 100,000."),
        ("seed", "-1", "The seed is a whole number from 0 to 999,999,999."),
        ("seed", "", "The seed is a whole number from 0 to 999,999,999."),
    ],
)
def test_impossible_setting_is_told_with_what_would_be_possible(
    viewer: Client, asked: list[Order], name: str, typed: str, sentence: str
) -> None:
    refused: Any = viewer.post(PATH, TYPED | {name: typed})
    assert refused.status_code == 422
    assert asked == []
    error = f'<p class="field-error" id="id_{name}_error">{sentence}'
    assert error in refused.content.decode().replace("\u00a0", " ")


def test_more_than_the_page_makes_is_refused_with_how_many_runs_it_does(
    viewer: Client, asked: list[Order]
) -> None:
    most = most_runs(variants=20, days=365)
    much = TYPED | {"arms": "20", "days": "365"}
    refused = viewer.post(PATH, much | {"runs": str(most + 1)})
    assert f"at most {most:,} runs are possible here" in text_of(refused)
    assert SimulatorForm(much | {"runs": str(most)}).is_valid()
    assert asked == []


def test_largest_and_smallest_of_everything_make_a_scenario() -> None:
    for rate, lift in (("0.01", "10000"), ("99.99", "0.01"), ("0.01", "0.1")):
        form = SimulatorForm(TYPED | {"baseline_rate": rate, "minimum_lift": lift})
        assert form.is_valid() == (lift != "0.01")
    for changes in ({"per_arm": "183", "days": "365"}, {"arms": "20"}, {"per_arm": "100000000"}):
        order_of(None, **changes)
    few = SimulatorForm(TYPED | {"per_arm": "182", "days": "365"})
    assert few.errors["per_arm"] == ["A look on each of 365 days takes at least 183 visitors each."]


def test_answer_tells_each_figure_with_its_error() -> None:
    order = order_of(None, per_arm="3840", days="14")
    report = simulate(order.scenario, order.runs)
    told = Answer(report)
    findings = report.without_effect.findings
    assert told.wrong.value == f"{100 * findings.value:.1f}\u00a0%"
    assert told.wrong.error == f"±\u00a0{100 * findings.error:.1f}"
    assert told.deceived.count == report.without_effect.any_p_below.count > findings.count
    assert told.found.count == report.with_effect.right_wins.count
    nothing = told.endings[-3].with_effect
    assert (nothing.value, nothing.error) == ("0\u00a0%", "none of 100")
    assert told.bars.naive == pytest.approx(100 / 1.05)
    assert told.bars.plan / told.bars.promise == pytest.approx(findings.value / 0.05)
    assert told.command == (
        "manage.py simulate --baseline 0.1 --lift 0.2 --per-arm 3840 --looks 14 --runs 100 --seed 7"
    )


def test_page_of_an_answer_has_the_figures_the_plot_and_its_table(viewer: Client) -> None:
    experiment = planned(split=[50, 30, 20])
    order = order_of(experiment, arms="3")
    answer(order)
    page = viewer.get(Simulator(experiment, TYPED | {"arms": "3"}).url)
    report = rehearsal_runs.answer_to(order)
    assert report is not None
    text, told = text_of(page), Answer(report)
    for share in (told.wrong, told.deceived, told.found):
        assert f"{share.value} {share.error}".replace("\u00a0", " ") in text
    assert f"half of the experiments have ended by day {told.some.half_ended.look}" in text
    assert "split 50 / 30 / 20" in text
    assert "--weights 50,30,20" in text
    source = page.content.decode()
    assert source.count("<polyline") == 8
    assert source.count('class="crossing"') == told.plot.crossed
    assert "style=" not in source


def test_same_settings_are_answered_from_memory(viewer: Client) -> None:
    answer(order_of())
    response: Any = viewer.post(PATH, TYPED, headers=HTMX)
    assert "Fooled where nothing differs" in text_of(response)
    assert rehearsal_runs.under_way() is None
    other: Any = viewer.get(Simulator(None, TYPED | {"seed": "8"}).url)
    assert "What you will see" in text_of(other)
