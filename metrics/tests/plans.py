"""The plans that PostgreSQL makes for the hot statements, whatever their parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

# Of parameters that the statement itself doesn't give a type to.
TYPES = {"version": "::bigint", "slot": "::int", "once": "::int"}

# Tables that are never read from end to end (a partition goes by its parent's name), and the column
# that their keys begin with: without it an index is read from end to end as well.
GROWING = {
    "experiments_assignment": "visitor_id",
    "metrics_event": "visitor_id",
    "metrics_eventclaim": "visitor_id",
    "metrics_firstoccurrence": "visitor_id",
    "metrics_visitortotal": "visitor_id",
    "metrics_dailycount": "experiment_id",
    "metrics_dailysum": "experiment_id",
}


@dataclass(frozen=True, slots=True)
class Access:
    """One place of a plan that reads a table: how, by which index, and on which condition."""

    table: str
    node: str
    index: str
    condition: str

    @property
    def family(self) -> str:
        """The table, or the one that it is a month's partition of."""
        return re.sub(r"_\d{6}$", "", self.table)


def generic_plan(statement: str) -> list[Access]:
    """Return how a prepared statement reads tables once its plan is made for good."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        name = match[1]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}{TYPES.get(name, '')}"

    numbered = re.sub(r"%\((\w+)\)s", number, statement)
    values = ", ".join(["NULL"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE hot AS {numbered}")
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE hot({values})")
        plan = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE hot")
    return list(_accesses(plan if isinstance(plan, list) else json.loads(plan)))


def plan_of(rows: QuerySet[Any, Any]) -> list[Access]:
    """Return how a query of the ORM's reads tables."""
    return list(_accesses(json.loads(rows.explain(format="json"))))


def _accesses(node: Any) -> Iterator[Access]:
    if isinstance(node, list):
        for part in node:
            yield from _accesses(part)
    elif isinstance(node, dict):
        if "Relation Name" in node and node["Node Type"] != "ModifyTable":
            yield Access(
                node["Relation Name"],
                node["Node Type"],
                node.get("Index Name", ""),
                # A bitmap of an index names no table; the heap scan above repeats its condition.
                node.get("Index Cond") or node.get("Recheck Cond", ""),
            )
        for part in node.values():
            yield from _accesses(part)


def astray(accesses: list[Access]) -> list[Access]:
    """Return the places that read a growing table otherwise than by the beginning of its key."""
    return [
        a
        for a in accesses
        if a.family in GROWING and not re.search(rf"\b{GROWING[a.family]} =", a.condition)
    ]
