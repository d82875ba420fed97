from __future__ import annotations

import csv
import random
import uuid
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from experiments.bucketing import BUCKETS, bucket_of, position_for

# Made by scripts/make_assignment_vectors.sh, which shares no code with what is tested.
VECTORS = Path(__file__).with_name("assignment_vectors.csv")


def test_bucketing_golden_vectors_agree() -> None:
    with VECTORS.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 200
    for row in rows:
        bucket = bucket_of(row["visitor_id"], row["experiment_id"])
        split = [int(part) for part in row["traffic_split"].split()]
        assert bucket == int(row["bucket"]), row
        assert position_for(bucket, split) == int(row["position"]), row


@given(st.lists(st.integers(1, 100), min_size=1, max_size=9).filter(lambda cut: sum(cut) < 100))
def test_position_for_any_split_gives_each_variant_exactly_its_share(cut: list[int]) -> None:
    split = [*cut, 100 - sum(cut)]
    positions = Counter(position_for(bucket, split) for bucket in range(BUCKETS))
    assert [positions[n] for n in range(len(split))] == split


@pytest.mark.parametrize("split", [[50, 49], [101, -1], [60, 60]])
def test_position_for_impossible_split_is_refused(split: list[int]) -> None:
    with pytest.raises(ValueError, match="must sum to 100"):
        position_for(0, split)


@pytest.mark.slow
def test_bucketing_a_million_visitors_are_split_as_planned_and_independently() -> None:
    rng = random.Random(20260101)
    visitors = [str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(1_000_000)]
    one, two = str(uuid.UUID(int=1, version=4)), str(uuid.UUID(int=2, version=4))
    split = [10, 20, 30, 40]
    first = [position_for(bucket_of(visitor, one), split) for visitor in visitors]
    second = [bucket_of(visitor, two) < 50 for visitor in visitors]

    counts = Counter(first)
    arms = range(len(split))
    expected = [share * 10_000 for share in split]
    assert chisquare([counts[n] for n in arms], expected).pvalue > 0.001

    both = Counter(zip(first, second, strict=True))
    table = [[both[n, half] for half in (True, False)] for n in arms]
    assert chi2_contingency(table).pvalue > 0.001
