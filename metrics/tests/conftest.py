from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from experiments.event_types import EventType
from experiments.models import Experiment
from experiments.tests.factories import ExperimentFactory
from metrics import partitions
from metrics.tests.factories import assigned_visitor, event_of, record_one
from metrics.tests.months import moment_in, remove_partitions
from metrics.tests.pruned import NEXT, OLD


@pytest.fixture
def only_usual_months(transactional_db: None) -> Iterator[None]:
    """Begin and end with the partitions that `migrate` makes."""
    this_month = partitions.month_of(datetime.now(UTC).date())
    usual = [this_month, partitions.next_month(this_month)]
    remove_partitions(except_months=usual)
    yield
    remove_partitions(except_months=usual)


@pytest.fixture
def two_months() -> Experiment:
    """An experiment with two visitors: one of January alone, one who is back in February."""
    experiment: Experiment = ExperimentFactory(split=[100, 0])
    gone, back = (assigned_visitor(experiment) for _ in range(2))
    for (visitor, variant), month, event_type in (
        (gone, OLD, EventType.PAGE_VIEW),
        (back, OLD, EventType.PAGE_VIEW),
        (back, NEXT, EventType.PAGE_VIEW),
        (back, NEXT, EventType.CTA_CLICK),
    ):
        moment = moment_in(month)
        record_one(event_of(experiment, visitor, variant, event_type, moment=moment))
    return experiment
