"""The run: each part measures in turn, several times, so that a noisy minute hits all alike."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from django.core.management import call_command

from benchmarks import report, servers, store
from benchmarks.load import Load, Measured, drive
from benchmarks.preparation import make_experiment, prepare, save_cookie
from benchmarks.servers import Server
from benchmarks.works import EVENTS_A_BATCH, WORKS, Row, row_of

MEGABYTE = 1024 * 1024
MOST_MEGABYTES = 250
STORED_EVENTS = 200_000


def run(options: Any, stack: ExitStack) -> bool:
    """Measure what is asked for, print and save it; return whether every promise was met."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("seed", verbosity=0)
    data: Path = options.var_dir / "data"
    experiment = prepare(data)
    raw: dict[str, Any] = {}
    rows: list[Row] = []
    product = stack.enter_context(servers.product(options.var_dir / "product.log"))
    if "roads" in options.only:
        rows += _roads(options, stack, product, data, raw)
    if "store" in options.only:
        rows += _store(options, product, data, raw)
    if "memory" in options.only:
        rows += [_memory(product, data, raw)]
    if "statistics" in options.only:
        from benchmarks.statistics import measure

        rows += measure(options, product, data, raw)
    del experiment
    report.save(options.output, rows, raw, {k: str(v) for k, v in vars(options).items()})
    print(report.table(rows))
    print(f"\nAll figures: {options.output}")
    return all(row.met is not False for row in rows)


def _roads(
    options: Any, stack: ExitStack, product: Server, data: Path, raw: dict[str, Any]
) -> list[Row]:
    bare = stack.enter_context(servers.bare_django(options.var_dir / "bare.log"))
    save_cookie(product.url, data)
    taken: dict[str, list[Measured]] = {work.name: [] for work in WORKS}
    limits: dict[str, list[list[Measured]]] = {work.name: [] for work in WORKS}
    for _ in range(options.rounds):
        for work in WORKS:
            limit = Load(work.limit, work.connections, options.seconds)
            load = Load(work.kind, work.connections, options.seconds)
            # Before and after: a machine that others use too is faster one moment than the next.
            before = drive(bare.url, limit, data)
            taken[work.name].append(drive(product.url, load, data))
            limits[work.name].append([before, drive(bare.url, limit, data)])
    raw["works"] = {name: [asdict(m) for m in measured] for name, measured in taken.items()}
    raw["limits"] = {
        name: [[asdict(m) for m in around] for around in measured]
        for name, measured in limits.items()
    }
    failures = sum(m.failures for measured in taken.values() for m in measured)
    return [
        *(row_of(work, taken[work.name], limits[work.name]) for work in WORKS),
        Row("requests that answered anything but 2xx", f"{failures}", "0", failures == 0),
    ]


def _store(options: Any, product: Server, data: Path, raw: dict[str, Any]) -> list[Row]:
    experiment = make_experiment("Store limit")
    figures: dict[str, list[float]] = {"batch": [], "copy": [], "naive": [], "pgbench": []}
    for _ in range(options.rounds):
        sent = drive(product.url, Load("batch", 32, options.seconds), data)
        figures["batch"].append(sent.rate * EVENTS_A_BATCH)
        figures["copy"].append(store.copy_rate(experiment, STORED_EVENTS))
        figures["naive"].append(store.naive_rate(experiment, options.seconds))
        inserts = store.pgbench_rate(experiment, 32, round(options.seconds))
        figures["pgbench"] += [] if inserts is None else [inserts]
    raw["events a second"] = figures
    batch, copy, naive = (median(figures[k]) for k in ("batch", "copy", "naive"))
    rows = [
        Row(
            "batches of 50, against the naive baseline",
            f"{batch / naive:.1f} × ({batch:,.0f} and {naive:,.0f} events/s)",
            "≥ 8.0",
            batch >= 8 * naive,
        ),
        Row(
            "batches of 50, against COPY",
            f"{batch / copy:.2f} × ({copy:,.0f} events/s)",
            "≥ 0.25",
            batch >= 0.25 * copy,
        ),
    ]
    if figures["pgbench"]:
        single = median(figures["pgbench"])
        figure = f"{batch / single:.2f} × ({single:,.0f} events/s)"
        rows.append(Row("batches of 50, against pgbench's single rows", figure, "", None))
    return rows


def _memory(product: Server, data: Path, raw: dict[str, Any]) -> Row:
    """Drive a million events through the server and compare its memory before and after."""
    drive(product.url, Load("batch", 32, 3), data)
    before = product.memory()
    sent = 0
    while sent < 1_000_000:
        sent += drive(product.url, Load("batch", 32, 10), data).requests * EVENTS_A_BATCH
    after = product.memory()
    raw["memory"] = {"before": before, "after": after, "events": sent}
    return Row(
        f"memory of the whole server after {sent:,} events",
        f"{after / before:.2f} × before, {after / MEGABYTE:.0f} MB",
        f"≤ 1.10, < {MOST_MEGABYTES} MB",
        after <= 1.1 * before and after < MOST_MEGABYTES * MEGABYTE,
    )
