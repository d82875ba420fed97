"""The results page: its figures, its states, and the part that refreshes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dashboard.tests.browser import HTMX, count_visitors, path_of
from experiments import services
from experiments.goal_drafts import GoalDraft
from experiments.lifecycle import Transition
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from metrics.goals import add_goal
from metrics.models import PageCount
from metrics.tests.verdicts import case, counted

pytestmark = pytest.mark.django_db


def page_of(client: Client, experiment: Experiment, **headers: str) -> str:
    response: Any = client.get(path_of("experiment-detail", experiment.id), headers=headers)
    return str(response.content.decode()).replace("\u00a0", " ")


def cells_of(page: str) -> list[list[str]]:
    """Return the text of each body row of the table of the variants' figures."""
    table = page.split("Visitors, conversions, rate and lift by variant", 1)[1]
    body = table.split("<tbody", 1)[1].split("</tbody>", 1)[0]
    rows = body.split("<tr")[1:]
    return [
        [
            re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def test_table_shows_each_variants_figures_with_n_and_intervals(viewer: Client) -> None:
    page = page_of(viewer, counted((3000, 300), (3000, 360), plan=None))
    control, treatment = cells_of(page)
    assert control == [
        *("control", "3,000", "300", "10.0 % 9.0–11.1 %", "what the others are compared with"),
    ]
    assert treatment[:4] == ["variant_1", "3,000", "360", "12.0 % 10.9–13.2 %"]
    assert treatment[4].startswith("+20.0 % −")
    assert treatment[5].startswith("+2.00 points −")
    assert treatment[6:] == ["99.3 %", "0.002 points if it is chosen"]


@pytest.mark.parametrize("name", ["sample_ratio_mismatch", "too_few_visitors"])
def test_lift_is_withheld_below_the_floor_and_where_the_split_failed(
    viewer: Client, name: str
) -> None:
    page = page_of(viewer, case(name))
    assert cells_of(page)[1][-1] == "withheld"
    assert "Lift over the control" not in page
    assert "Difference from the control, with" not in page


def test_verdict_card_says_what_is_known_why_and_what_to_do(viewer: Client) -> None:
    page = page_of(viewer, case("winner"))
    assert '<span class="badge is-good">Winner</span>' in page
    assert "variant_1 is better than control" in page
    for part in ("<dt>Why</dt>", "<dt>What to do next</dt>"):
        assert part in page
    assert "<strong>7,800</strong> of 7,682 planned visitors" in page
    assert "planned end reached" in page
    assert "trending" not in page.lower()


def test_progress_says_how_far_and_until_when(viewer: Client) -> None:
    page = page_of(viewer, case("before_planned_end"))
    assert "<strong>4,000</strong> of 7,682 planned visitors, 52.1 %" in page
    assert "9 full days of 14 planned" in page
    assert "at this pace until" in page


def test_page_without_a_plan_says_what_that_costs(viewer: Client) -> None:
    page = page_of(viewer, case("without_plan"))
    assert "Started without a plan" in page
    assert "planned visitors" not in page


def test_enormous_difference_is_never_p_zero_nor_a_chance_of_100(viewer: Client) -> None:
    page = page_of(viewer, counted((1_000_000, 100_000), (1_000_000, 200_000)))
    assert "p < 1e-16".replace("<", "&lt;") in page
    assert "> 99.9 %".replace(">", "&gt;") in page
    assert "p = 0<" not in page


def test_classical_figures_are_in_the_drawer_with_the_label_that_limits_them(
    viewer: Client,
) -> None:
    drawer = page_of(viewer, counted((3000, 300), (3000, 360))).split('id="method"')[1]
    for text in ("valid for one look", "χ² = ", "1 degree of freedom", "p = 0.013", "Holm"):
        assert text in drawer


def test_sample_ratio_check_shows_observed_and_expected(viewer: Client) -> None:
    page = page_of(viewer, case("sample_ratio_mismatch"))
    part = page.split('id="split-title"')[1].split("</section>")[0]
    assert '<span class="badge is-warn">No</span>' in part
    assert "5,500 <small>55.0 %</small>" in part
    assert "5,000 <small>50 %</small>" in part


def test_guardrails_and_other_goals_are_shown_by_variant(viewer: Client) -> None:
    experiment = ExperimentFactory.create(through=[])
    for draft in (
        GoalDraft("Clicked away", "guardrail", ("click",), harm="increase"),
        GoalDraft("Scrolled", "secondary", ("scroll_depth",)),
        GoalDraft("Revenue", "secondary", ("form_submit",), measure="sum", value_key="total"),
    ):
        add_goal(experiment_id=experiment.id, draft=draft)
    services.transition_experiment(experiment_id=experiment.id, transition=Transition.START)
    count_visitors(experiment, (1000, 100), (1000, 110), others={"click": 300, "scroll_depth": 500})
    page = page_of(viewer, experiment)
    part = page.split('id="goals-title"')[1].split("</section>")[0]
    assert '<span class="badge is-neutral">Guardrail</span>' in part
    assert "30.0 % <small>of 1,000</small>" in part
    assert part.index("Clicked away") < part.index("Scrolled") < part.index("Revenue")


def test_phases_are_picked_and_never_pooled(viewer: Client) -> None:
    experiment = counted((1000, 100), (1000, 120))
    services.update_experiment(experiment_id=experiment.id, traffic_split=[20, 80])
    count_visitors(experiment, (200, 20), (800, 90), phase=2)
    current = page_of(viewer, experiment)
    assert "Phase 2, under way" in current
    assert [row[1] for row in cells_of(current)] == ["200", "800"]
    path = path_of("experiment-detail", experiment.id)
    earlier: Any = viewer.get(f"{path}?phase=1")
    page = earlier.content.decode()
    assert [row[1] for row in cells_of(page)] == ["1,000", "1,000"]
    assert f'hx-get="{path}?phase=1"' in page
    assert viewer.get(f"{path}?phase=3").status_code == 404


def test_pages_shown_add_up_reason_by_reason(viewer: Client) -> None:
    experiment = counted((1000, 100), (1000, 120))
    for reason, pages in (("shown", 130), ("counted", 100), ("bot", 20), ("staff", 10)):
        PageCount.objects.create(
            experiment=experiment,
            day=timezone.now().date(),
            reason=reason,
            slot=0,
            pages=pages,
        )
    page = page_of(viewer, experiment)
    part = page.split('id="shown-title"')[1].split("</section>")[0]
    texts = [re.sub(r"<[^>]+>", " ", row).split() for row in part.split("<tr")[2:]]
    assert [" ".join(text[1:]) for text in texts][:4] == [
        "Counted 100",
        "Bots 20",
        "Prefetched, not looked at 0",
        "Asked not to be tracked (GPC, DNT) 0",
    ]
    assert "Shown 130" in " ".join(" ".join(text) for text in texts)
    assert "don't add up" not in part


@pytest.mark.parametrize(
    ("through", "title"),
    [
        ([], "Not started yet"),
        (["start"], "Waiting for the first visitor"),
        (["start", "pause"], "Waiting for the first visitor"),
        (["start", "complete"], "Nobody came"),
    ],
)
def test_experiment_without_visitors_says_what_to_do(
    viewer: Client, through: list[str], title: str
) -> None:
    page = page_of(viewer, ExperimentFactory.create(through=through))
    assert title in page
    assert "<table" not in page


def test_charts_have_titles_units_tables_and_downloads(viewer: Client) -> None:
    experiment = counted((1000, 100), (900, 99))
    count_visitors(experiment, (10, 1), (10, 1))
    page = page_of(viewer, experiment)
    names = ("rates", "lift", "trend", "difference", "visitors", "conversions", "funnel")
    assert page.count("<figure") == len(names)
    for name in names:
        figure = page.split(f'id="plot-{name}"')[1].split("</figure>")[0]
        assert f'<title id="chart-{name}-title">' in figure
        assert '<table class="table plot-table"' in figure
        for kind in ("csv", "svg"):
            path = path_of(f"chart-{kind}", experiment.id, name)
            assert f'<a href="{path}?phase=1" download>' in figure


def test_collecting_shows_what_is_missing_and_no_rates_to_be_tempted_by(viewer: Client) -> None:
    page = page_of(viewer, case("too_few_conversions"))
    needs = page.split('id="needs-title"')[1].split("</section>")[0]
    assert "200 of 100" in needs
    assert "9 of 10" in needs
    assert "The counts so far, which say nothing yet" in needs
    for name in ("rates", "lift", "trend", "difference", "funnel"):
        assert f'id="plot-{name}"' not in page


def test_variant_without_visitors_stands_in_the_table_without_a_rate(viewer: Client) -> None:
    page = page_of(viewer, counted((150, 20)))
    assert cells_of(page)[1] == ["variant_1", "0", "0", "–", "withheld"]
    assert "Nothing to compare" in page


@pytest.mark.parametrize(
    ("through", "polls"),
    [([], False), (["start"], True), (["start", "pause"], True), (["start", "complete"], False)],
)
def test_page_refreshes_itself_while_there_is_something_to_count(
    viewer: Client, through: list[str], polls: bool
) -> None:
    page = page_of(viewer, ExperimentFactory.create(through=through))
    assert ('hx-trigger="every 30s, refresh"' in page) is polls


def test_part_is_the_results_alone_and_ends_the_polling_with_the_counting(viewer: Client) -> None:
    experiment = ExperimentFactory.create()
    count_visitors(experiment, (1000, 100), (900, 99))
    path = path_of("experiment-detail", experiment.id)
    part: Any = viewer.get(path, headers=HTMX)
    assert part.status_code == 200
    assert "<h1" not in part.content.decode()
    assert "1,900" in part.content.decode()
    done: Any = viewer.get(
        path_of("experiment-detail", ExperimentFactory.create(through=["start", "complete"]).id),
        headers=HTMX,
    )
    assert done.status_code == 286


def test_viewers_are_offered_no_change(viewer: Client, editor: Client) -> None:
    experiment = ExperimentFactory.create()
    rename = path_of("experiment-rename", experiment.id)
    assert rename in page_of(editor, experiment)
    page = page_of(viewer, experiment)
    assert rename not in page
    assert 'method="post"' not in page.split("<main", 1)[1].split("</main>", 1)[0]


def test_page_needs_the_same_few_queries_however_many_variants(
    viewer: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    experiment = ExperimentFactory.create(split=[10] * 10)
    count_visitors(experiment, *[(500, 50)] * 10)
    page_of(viewer, experiment)  # A session's first request writes to it.
    # Session, user, groups; the experiment with all of its own, counts, look; days, shown; how
    # many pages there are.
    with django_assert_num_queries(9):
        page_of(viewer, experiment)


def test_what_to_do_next_is_said_until_it_is_done(viewer: Client) -> None:
    experiment = case("winner")
    assert "<dt>What to do next</dt>" in page_of(viewer, experiment)
    services.transition_experiment(experiment_id=experiment.id, transition=Transition.COMPLETE)
    page = page_of(viewer, experiment)
    assert "<dt>Why</dt>" in page
    assert "<dt>What to do next</dt>" not in page


@pytest.mark.parametrize(("variants", "bands"), [(3, 3), (4, 0)])
def test_bands_are_drawn_where_they_do_not_cover_each_other(
    viewer: Client, variants: int, bands: int
) -> None:
    experiment = ExperimentFactory.create(
        split=[100 // variants + (100 % variants), *[100 // variants] * (variants - 1)]
    )
    for days_ago in (1, 0):
        count_visitors(experiment, *[(500, 50)] * variants, days_ago=days_ago)
    trend = page_of(viewer, experiment).split('id="plot-trend"')[1].split("</figure>")[0]
    assert trend.count('<polygon class="band') == bands
    assert ("with the 95 % interval" in trend) is bool(bands)
