from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from metrics.rehearsals import RUNS_AT_A_TIME, rehearse
from metrics.stats.scenario import Scenario
from metrics.stats.tally import simulate

SMALL = {"per_arm": 400, "looks": 7, "runs": 2 * RUNS_AT_A_TIME + 5}
SCENARIO = Scenario(baseline=0.1, lift=0.2, per_arm=400, looks=7, weights=(1, 1))


def output_of(**options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("simulate", stdout=out, stderr=err, **{**SMALL, **options})
    return out.getvalue(), err.getvalue()


def test_processes_find_what_one_alone_finds_and_tell_how_far_they_are() -> None:
    told: list[tuple[int, int]] = []
    report = rehearse(SCENARIO, SMALL["runs"], on_progress=lambda *far: told.append(far))
    assert report == simulate(SCENARIO, SMALL["runs"])
    assert told[-1] == (2 * SMALL["runs"], 2 * SMALL["runs"])
    assert told == sorted(told)


def test_table_has_the_figures_of_the_report_and_progress_is_apart() -> None:
    out, err = output_of()
    report = simulate(SCENARIO, SMALL["runs"])
    lines = out.splitlines()
    assert lines[0].startswith("105 experiments of each kind, with a plan: 7 looks, 2 variants")
    assert "10 % of the control's convert; with the effect 12 % of the first treatment's." in out
    wins = next(line for line in lines if line.startswith("a treatment wins"))
    for tally in (report.without_effect, report.with_effect):
        assert f"{100 * tally.wins.value:.1f} % ± {100 * tally.wins.error:.1f}" in wins
    assert f"{report.with_effect.mean_visitors:,.0f}" in out
    assert "210 of 210 experiments" in err
    assert "experiments" not in out.replace("experiments of each kind", "")


def test_json_is_the_report_and_the_same_bytes_each_time() -> None:
    out, _ = output_of(json=True)
    assert out == output_of(json=True)[0]
    assert json.loads(out) == json.loads(json.dumps(simulate(SCENARIO, SMALL["runs"]).as_json()))


def test_options_reach_the_scenario() -> None:
    out, _ = output_of(
        json=True, baseline=0.2, lift=0.5, seed=3, weights="50,25,25", no_plan=True, runs=1
    )
    assert json.loads(out)["scenario"] == {
        "baseline": 0.2,
        "lift": 0.5,
        "per_arm": 400,
        "looks": 7,
        "weights": [50, 25, 25],
        "is_planned": False,
        "seed": 3,
    }
    assert json.loads(output_of(json=True, arms=3, runs=1)[0])["scenario"]["weights"] == [1, 1, 1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"baseline": 0.9}, "at most 0.111111 is possible"),
        ({"baseline": 1.2}, "The baseline rate must lie strictly between 0 and 1"),
        ({"lift": -0.1}, "The lift must be a number above 0"),
        ({"per_arm": 0}, "Visitors per variant must be a number above 0"),
        ({"runs": 0}, "Runs are 1 to 100,000, not 0"),
        ({"looks": 0}, "Looks are 1 to 1,000, not 0"),
        ({"arms": 1}, "Variants are 2 to 20, not 1"),
        ({"arms": -3}, "Variants are 2 to 20"),
        ({"weights": "50;50"}, "--weights are numbers with commas between, such as 50,25,25"),
        ({"weights": "50,nan"}, "A weight must be a number above 0"),
        ({"weights": "50,50", "arms": 3}, "--weights names 2 variants, --arms 3"),
    ],
)
def test_impossible_values_are_refused_with_what_would_be_possible(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        output_of(**options)
