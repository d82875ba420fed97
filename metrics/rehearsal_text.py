"""A rehearsal's report as a table to be read in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from metrics.stats.tally import Rate, Report, Tally

LABEL_WIDTH, COLUMN_WIDTH = 40, 18


def as_text(report: Report) -> str:
    """Return what the runs showed, a line for each figure; rates with their standard error."""
    return "\n".join([*_heading(report), "", *_table(report), "", *_notes(report)])


def _heading(report: Report) -> Iterator[str]:
    scenario = report.scenario
    looks = "1 look" if scenario.looks == 1 else f"{scenario.looks:,} looks"
    plan = "with a plan" if scenario.is_planned else "without a plan"
    yield (
        f"{report.without_effect.runs:,} experiments of each kind, {plan}: {looks}, "
        f"{len(scenario.weights)} variants, {scenario.per_arm:,} visitors in the smallest,"
    )
    yield (
        f"{_percent(scenario.baseline)} of the control's convert; with the effect "
        f"{_percent(scenario.baseline * (1 + scenario.lift))} of the first treatment's. "
        f"Seed {scenario.seed}."
    )


def _table(report: Report) -> Iterator[str]:
    tallies = report.without_effect, report.with_effect
    looks = report.scenario.looks
    yield _row("", ["no effect", f"lift of {_percent(report.scenario.lift)}"])
    for label, name in (
        ("a treatment wins", "wins"),
        ("  before the planned end", "early_wins"),
        ("  and it is the better one", "right_wins"),
        ("a treatment loses", "losses"),
        ("no detectable difference", "undecided"),
        ("too little data to the last", "collecting"),
        ("sample ratio mismatch", "data_problems"),
        ("p < 0.05 at the last look", "last_p_below"),
        (f"p < 0.05 at any of {looks} looks", "any_p_below"),
    ):
        yield _row(label, [_rate(getattr(tally, name)) for tally in tallies])
    yield _row("looks until it ended, mean", [f"{tally.mean_look:.1f}" for tally in tallies])
    yield _row("visitors until then, mean", [f"{tally.mean_visitors:,.0f}" for tally in tallies])


def _notes(report: Report) -> Iterator[str]:
    tally: Tally = report.with_effect
    for who, factor in (
        ("An early winner", tally.early_overstatement),
        ("A winner at the planned end", tally.planned_overstatement),
    ):
        if factor is not None:
            yield f"{who} showed {factor:.2f} times its true lift, in the mean."
    yield "± is the standard error that so many runs leave."


def _row(label: str, cells: list[str]) -> str:
    return (label.ljust(LABEL_WIDTH) + "".join(c.rjust(COLUMN_WIDTH) for c in cells)).rstrip()


def _rate(rate: Rate) -> str:
    return f"{100 * rate.value:.1f} % ± {100 * rate.error:.1f}"


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"
