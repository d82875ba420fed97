"""From a visitor's hash to a verdict: what was planted is what the product finds, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from random import Random
from uuid import UUID

import pytest
from django.utils import timezone
from scipy.stats import kstest

from experiments.assignment import Wish, assign
from experiments.bucketing import bucket_of, position_for
from experiments.event_types import EventType
from experiments.models import Experiment, Phase
from experiments.plans import PlanDraft, start_experiment
from experiments.snapshot import VariantView
from experiments.tests.factories import ExperimentFactory, variants_of
from metrics import recount
from metrics.ingest.payload import Incoming, Submission
from metrics.ingest.record import record
from metrics.phase_results import phase_results_for
from metrics.results import results_for
from metrics.stats.chi_squared import independence_test
from metrics.stats.look import Look
from metrics.stats.types import Arm, Kind, Reason
from metrics.stats.verdict import decide
from metrics.verdicts import Judgement, judgement_for, rules_of

pytestmark = pytest.mark.slow

EXPERIMENTS, IDS = 200, 3000
VISITORS, CHUNK = 20_000, 500
# The true rates, and the plan: it ends with the seventh of eight looks.
RATES = (0.10, 0.115)
PLAN = PlanDraft(baseline_rate=0.10, minimum_lift=0.15, power=0.8, visitors_per_variant=8_700)
LOOK_EVERY = 2_500


def random_id(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def random_ids(rng: Random, count: int) -> list[str]:
    return [random_id(rng) for _ in range(count)]


def consecutive_ids(rng: Random, count: int) -> list[str]:
    """Ids as a careless program makes them, alike but for the last digits."""
    start = rng.getrandbits(64)
    return [str(UUID(int=start + n)) for n in range(count)]


@pytest.mark.parametrize("make_ids", [random_ids, consecutive_ids])
@pytest.mark.parametrize("split", [[50, 50], [20, 80], [34, 33, 33]])
def test_many_experiments_without_effect_on_the_same_visitors_are_fair_and_unrelated(
    make_ids: Callable[[Random, int], list[str]], split: list[int]
) -> None:
    rng = Random(4)
    visitors = make_ids(rng, IDS)
    # Who converts does so whatever the variant: there is nothing to find.
    is_converting = [rng.random() < 0.2 for _ in visitors]
    p_values, treated = [], []
    for experiment in make_ids(rng, EXPERIMENTS):
        positions = [position_for(bucket_of(visitor, experiment), split) for visitor in visitors]
        counts = Counter(positions)
        converted = Counter(p for p, c in zip(positions, is_converting, strict=True) if c)
        arms = [Arm(counts[position], converted[position]) for position in range(len(split))]
        p_value = independence_test(arms).p_value
        assert p_value is not None
        p_values.append(p_value)
        treated.append(sum(1 << n for n, position in enumerate(positions) if position == 1))
    assert kstest(p_values, "uniform").pvalue > 0.001
    squares = list(squared_z_scores(treated, IDS))
    # Each is chi-squared with 1 degree of freedom where assignments are unrelated: their mean is 1,
    # with a standard error of √(2/19,900), and the largest of so many stays below 30.
    assert sum(squares) / len(squares) == pytest.approx(1, abs=0.05)
    assert max(squares) < 30


def squared_z_scores(treated: list[int], visitors: int) -> Iterator[float]:
    """Yield visitors · φ² for each pair of experiments, φ the correlation of who is treated."""
    for one, other in combinations(treated, 2):
        a, b, both = one.bit_count(), other.bit_count(), (one & other).bit_count()
        gap = visitors * both - a * b
        yield visitors * gap**2 / (a * (visitors - a) * b * (visitors - b))


@dataclass
class Truth:
    """What really happened, by the position of the variant that each visitor was dealt."""

    visitors: Counter[int] = field(default_factory=Counter)
    converted: Counter[int] = field(default_factory=Counter)
    events: Counter[tuple[int, EventType]] = field(default_factory=Counter)

    def arms(self) -> tuple[Arm, ...]:
        return tuple(Arm(self.visitors[p], self.converted[p]) for p in range(len(RATES)))


class Visits:
    """Visitors with known rates, sent through the product's own assignment and ingest.

    A tenth of the calls is sent twice, as by a browser that heard no answer, and a few name a
    variant that isn't the visitor's, as no browser does: neither may change a count.
    """

    def __init__(self, experiment: Experiment, seed: int) -> None:
        self.truth = Truth()
        self._rng = Random(seed)
        self._experiment_id = str(experiment.id)
        self._variants = [str(variant.id) for variant in variants_of(experiment)]

    def come(self, count: int) -> None:
        rng = self._rng
        wishes = [Wish(random_id(rng), self._experiment_id) for _ in range(count)]
        calls, wrong = [], []
        for wish, outcome in zip(wishes, assign(wishes), strict=True):
            assert isinstance(outcome, VariantView)
            position = self._variants.index(outcome.id)
            calls.append(self._call(wish, position))
            if rng.random() < 0.01:
                other = self._variants[1 - position]
                wrong.append(self._submission(wish, other, [EventType.CTA_CLICK]))
        again = rng.sample(calls, count // 10)
        for written in record([*calls, *again]):
            assert written.reason is None
        for written in record(wrong):
            assert written.reason is not None

    def _call(self, wish: Wish, position: int) -> Submission:
        """What a visitor does, written down as it is decided."""
        types = [EventType.PAGE_VIEW]
        if self._rng.random() < RATES[position]:
            # Some click, some sign up, some do both and convert once all the same.
            ways = self._rng.choice(
                [
                    [EventType.CTA_CLICK],
                    [EventType.FORM_SUBMIT],
                    [EventType.CTA_CLICK, EventType.CTA_CLICK, EventType.FORM_SUBMIT],
                ]
            )
            types += ways
            self.truth.converted[position] += 1
        self.truth.visitors[position] += 1
        self.truth.events.update((position, event_type) for event_type in types)
        return self._submission(wish, self._variants[position], types)

    def _submission(self, wish: Wish, variant_id: str, types: list[EventType]) -> Submission:
        return Submission(
            tuple(
                Incoming(
                    wish.visitor_id, wish.experiment_id, variant_id, kind, random_id(self._rng)
                )
                for kind in types
            ),
            is_batch=True,
        )


@pytest.fixture
def experiment(monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """A planned experiment, started; of one id in every run, so that its split is the same too."""
    monkeypatch.setattr(Experiment._meta.pk, "_get_default", lambda: UUID(int=2026, version=4))
    draft = ExperimentFactory.create(split=[50, 50], through=[])
    start_experiment(experiment_id=draft.id, plan=PLAN)
    found: Experiment = Experiment.objects.with_variants().get(pk=draft.id)
    return found


def judge(experiment: Experiment) -> Judgement:
    found = Experiment.objects.with_variants().get(pk=experiment.pk)
    judgement = judgement_for(phase_results_for(found))
    assert judgement is not None
    return judgement


@pytest.mark.django_db(transaction=True)
def test_twenty_thousand_visitors_are_counted_exactly_and_judged_rightly(
    experiment: Experiment,
) -> None:
    visits = Visits(experiment, seed=7)
    visits.come(CHUNK)
    assert judge(experiment).verdict.reason is Reason.TOO_FEW_DAYS
    Phase.objects.update(started_at=timezone.now() - timedelta(days=14, hours=1))

    verdicts = []
    for come in range(2 * CHUNK, VISITORS + 1, CHUNK):
        visits.come(CHUNK)
        if come % LOOK_EVERY == 0:
            verdicts.append(judge(experiment).verdict)

    # Counted: by all roads to the counts, what really happened and nothing else.
    truth = visits.truth
    assert sum(truth.visitors.values()) == VISITORS
    results = results_for(Experiment.objects.with_variants().get(pk=experiment.pk))
    for position, variant in enumerate(results.variants):
        assert variant.arm == truth.arms()[position]
        for event_type in EventType:
            assert variant.events_by_type[event_type] == truth.events[position, event_type]
    final = judge(experiment)
    assert final.look.arms == truth.arms()
    assert recount.differences() == []

    # Split: as it should be, at every look.
    assert [verdict.split.mismatch for verdict in verdicts] == [False] * 8
    assert final.verdict.split.observed == tuple(arm.visitors for arm in truth.arms())

    # Judged: undecided at first, a winner at the planned end, and no second test after it.
    kinds = [verdict.kind for verdict in verdicts]
    assert kinds[0] is Kind.NO_DETECTABLE_DIFFERENCE
    assert kinds[6:] == [Kind.WINNER, Kind.WINNER]
    assert set(kinds[:6]) <= {Kind.NO_DETECTABLE_DIFFERENCE, Kind.EARLY_WINNER}
    assert verdicts[6].planned_look == verdicts[7].planned_look == final.verdict.planned_look
    assert final.verdict.subject == 1
    assert final.subject == variants_of(experiment)[1]

    # The planted lift lies in every interval that was shown, as it does in 19 of 20 experiments.
    lift = RATES[1] / RATES[0] - 1
    for verdict in verdicts:
        assert verdict.effect is not None
        assert verdict.effect.lift_interval is not None
        assert lift in verdict.effect.lift_interval

    # The same rules, asked with the truth instead of the counts, say the same.
    at_end = Look(truth.arms(), (50, 50), full_days=14)
    plan = rules_of(final.plan)
    assert decide(at_end, plan, final.verdict.planned_look) == final.verdict
