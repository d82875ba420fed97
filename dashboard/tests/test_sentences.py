"""Every verdict in words: numbers with their n, a reason, and a next step."""

from __future__ import annotations

import pytest

from dashboard.sentences import _BY_REASON, Statement, statement_of
from dashboard.tests.browser import age, count_visitors
from dashboard.words import WORDS
from experiments import plans
from experiments.goal_drafts import GoalDraft
from experiments.tests.factories import ExperimentFactory
from metrics.goals import add_goal
from metrics.models import DailyCount
from metrics.stats.types import Kind
from metrics.tests.verdicts import CASES, case, counted, judged

pytestmark = pytest.mark.django_db

SAID = {
    "fewer_than_two_arms": ("Nothing to compare", "Visitors so far: 150"),
    "sample_ratio_mismatch": ("Data problem", "control has 5,500 visitors where 5,000 were"),
    "too_few_visitors": ("Collecting", "control has 99 of at least 100 visitors."),
    "too_few_conversions": ("Collecting", "variant_1 has 9 of at least 10 conversions."),
    "too_few_days": ("Collecting", "3 of 7 full days have passed."),
    "early_winner": ("Early winner", "15.0 % of 3,000 visitors convert with variant_1, and 10.0 %"),
    "early_loser": ("Early loser", "a lift of −33.3 % (between −"),
    "before_planned_end": ("Undecided so far", "The true lift of variant_1 lies between −"),
    "without_plan": ("Undecided so far", "The true lift of variant_1 lies between −"),
    "winner": ("Winner", "11.8 % of 3,900 visitors convert with variant_1"),
    "loser": ("Loser", "a lift of −15.2 %"),
    "at_planned_end": (
        "No detectable difference",
        "The true lift of variant_1 lies between −",
    ),
}
NEXT = {
    "sample_ratio_mismatch": "the lift is withheld",
    "too_few_days": "Wait until ",
    "early_winner": "likely overstated, often by half or more",
    "early_loser": "Complete the experiment and keep control.",
    "before_planned_end": "Wait for the planned end: 3,682 visitors to go.",
    "without_plan": "There is no plan, and so no end.",
    "winner": "Complete the experiment with variant_1 as the winner.",
    "loser": "Complete the experiment and keep control.",
    "at_planned_end": "To find smaller lifts, plan a larger sample.",
}


def plain(statement: Statement) -> list[str]:
    parts = (statement.headline, statement.known, statement.why, statement.next_step)
    return [str(part).replace("\u00a0", " ") for part in parts]


@pytest.mark.parametrize("name", CASES)
def test_verdict_has_a_word_a_sentence_with_numbers_a_reason_and_a_next_step(name: str) -> None:
    statement = statement_of(judged(case(name)))
    headline, known, why, next_step = plain(statement)
    assert statement.words.label == SAID[name][0]
    assert SAID[name][1] in known
    assert NEXT.get(name, "") in next_step
    assert headline
    assert all(sentence.endswith(".") for sentence in (known, why, next_step))
    together = " ".join((headline, known, why, next_step))
    assert "trending" not in together
    assert "p = 0 " not in together
    assert "%(" not in together


def test_every_reason_and_every_kind_has_words() -> None:
    assert set(WORDS) == set(Kind)
    reached = {judged(case(name)).verdict.reason for name in CASES}
    # Harm is told below.
    assert {reason.value for reason in set(_BY_REASON) - reached} == {"guardrail_worse"}


def test_warning_that_an_earlier_day_raised_says_so() -> None:
    experiment = counted((0, 0), (0, 0))
    for days_ago, control, treatment in ((6, 1400, 1000), (2, 9800, 10_000)):
        count_visitors(experiment, (control, 50), (treatment, 50), days_ago=days_ago)
    (_, known, why, _) = plain(statement_of(judged(experiment)))
    assert "control has 11,200 visitors where 11,100 were expected." in known
    assert "on an earlier day it was wider than chance alone makes it" in why


def test_ruled_out_minimum_lift_is_told() -> None:
    (_, known, *_) = plain(statement_of(judged(counted((6000, 600), (6000, 600)))))
    assert known.endswith("A lift of 20.0 %, the smallest worth having, is ruled out.")


def test_harm_names_the_guardrail_and_by_how_much_it_got_worse() -> None:
    experiment = ExperimentFactory.create(through=[])
    draft = GoalDraft("Clicked away", "guardrail", ("click",), harm="increase")
    goal = add_goal(experiment_id=experiment.id, draft=draft)
    plans.start_experiment(experiment_id=experiment.id, plan=None)
    age(experiment, 2)
    count_visitors(experiment, (1000, 100), (1000, 100), others={goal.kind: 100})
    DailyCount.objects.filter(kind=goal.kind, variant__position=1).update(events=300, visitors=300)
    statement = statement_of(judged(experiment))
    assert statement.words.label == "Harm"
    headline, known, _, next_step = plain(statement)
    assert headline == "variant_1 does harm"
    assert known.startswith("“Clicked away” changes with variant_1 by +200.0 % (between +")
    assert "take variant_1 out of the split" in next_step
