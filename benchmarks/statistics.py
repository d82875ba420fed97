"""How long the statistics take, with few and with many events behind them."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

from django.core.management import call_command

from benchmarks import store
from benchmarks.load import Load, Measured, drive
from benchmarks.servers import Server
from benchmarks.works import Row
from experiments.models import Experiment

FEW_EVENTS = 10_000


def measure(options: Any, product: Server, data: Path, raw: dict[str, Any]) -> list[Row]:
    """Compare `/api/stats` for many events with few, and with the naive query over the many."""
    few, many = _simulated(FEW_EVENTS), _simulated(options.events)
    times: dict[str, list[float]] = {"few": [], "many": []}
    for _ in range(options.rounds):
        times["few"].append(_asked(product, few, options.seconds, data).p50)
        times["many"].append(_asked(product, many, options.seconds, data).p50)
    store.make_naive_table()
    naive = [store.naive_statistics_seconds(many) * 1000 for _ in range(options.rounds)]
    store.drop_naive_table()
    raw["statistics in milliseconds"] = {**times, "naive": naive, "events": options.events}
    growth = median(times["many"]) / median(times["few"])
    gain = median(naive) / median(times["many"])
    return [
        Row(
            f"statistics of {options.events:,} events, against {FEW_EVENTS:,}",
            f"{growth:.2f} × the time ({median(times['many']):.1f} ms)",
            "≤ 1.50",
            growth <= 1.5,
        ),
        Row(
            f"statistics of {options.events:,} events, against the naive query",
            f"{gain:,.0f} × faster (the query takes {median(naive):,.0f} ms)",
            "≥ 1,000",
            gain >= 1000,
        ),
    ]


def _asked(product: Server, experiment: Experiment, seconds: float, data: Path) -> Measured:
    (data / "stats.txt").write_text(f"{experiment.id}\n")
    return drive(product.url, Load("stats", 1, seconds), data)


def _simulated(events: int) -> Experiment:
    before = set(Experiment.objects.values_list("id", flat=True))
    call_command("simulate_traffic", events=events)
    [made] = Experiment.objects.exclude(pk__in=before)
    return made
