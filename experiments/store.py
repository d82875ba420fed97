"""Hand-written SQL of the experiments app: enrolment, the configuration's version, hot look-ups.

Every change to an experiment, its variants, goals and phases, a page or a toggle raises the
configuration's version by a trigger, in the same transaction. A statement that acts on what a
process remembers of the configuration names the version it remembers, and does nothing if that is
no longer the current one: the caller reads the configuration anew and asks again. So no process
ever acts on a stopped experiment, however fresh the change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from experiments.statements import Statement, Steps
from experiments.statements import run as run

ENROL = """
WITH fence AS (
    SELECT EXISTS (SELECT 1 FROM experiments_config_version WHERE version = %(version)s) AS holds
), incoming AS (
    SELECT DISTINCT ON (visitor_id, experiment_id) *
    FROM unnest(
        %(visitors)s::uuid[], %(experiments)s::uuid[], %(variants)s::uuid[],
        %(phases)s::smallint[], %(moments)s::timestamptz[]
    ) AS i (visitor_id, experiment_id, variant_id, phase, moment)
), stored AS (
    SELECT i.visitor_id, i.experiment_id, a.variant_id, a.phase
    FROM incoming AS i CROSS JOIN LATERAL (
        SELECT variant_id, phase FROM experiments_assignment
        WHERE visitor_id = i.visitor_id AND experiment_id = i.experiment_id
        -- Looked up one by one, by the key, even where the planner takes the table to be tiny: the
        -- plan is kept, and the table grows.
        OFFSET 0
    ) AS a
), enrolled AS (
    INSERT INTO experiments_assignment AS a (
        visitor_id, experiment_id, variant_id, phase, assigned_at
    )
    SELECT visitor_id, experiment_id, i.variant_id, i.phase, coalesce(moment, now())
    FROM incoming AS i LEFT JOIN stored AS s USING (visitor_id, experiment_id), fence
    WHERE fence.holds AND i.variant_id IS NOT NULL AND s.variant_id IS NULL
    -- In key order, so that two processes enrolling the same visitors can't block each other.
    ORDER BY visitor_id, experiment_id
    -- A parallel request may have stored the row after this statement's snapshot was taken: it is
    -- then neither in `stored` nor inserted. Touching it is what returns it.
    ON CONFLICT (visitor_id, experiment_id) DO UPDATE SET variant_id = a.variant_id
    RETURNING visitor_id, experiment_id, variant_id, phase
)
SELECT holds, NULL, NULL, NULL, NULL FROM fence
UNION ALL SELECT NULL, visitor_id::text, experiment_id::text, variant_id::text, phase FROM stored
UNION ALL SELECT NULL, visitor_id::text, experiment_id::text, variant_id::text, phase FROM enrolled
"""

# One look at the experiment: none of its parts is older than another.
EXPERIMENT = """
SELECT json_build_object(
    'experiment', e,
    'page', (SELECT to_json(p) FROM experiments_page AS p WHERE p.id = e.page_id),
    'plan', (SELECT to_json(p) FROM experiments_plan AS p WHERE p.experiment_id = e.id),
    'variants', (
        SELECT json_agg(v ORDER BY position) FROM experiments_variant AS v
        WHERE v.experiment_id = e.id
    ),
    'goals', (
        SELECT json_agg(g ORDER BY position) FROM experiments_goal AS g
        WHERE g.experiment_id = e.id
    ),
    'phases', (
        SELECT json_agg(p ORDER BY number) FROM experiments_phase AS p
        WHERE p.experiment_id = e.id
    )
)::text
FROM experiments_experiment AS e WHERE e.id = %(id)s::uuid
"""
VALID_BY_PREFIX = """
SELECT to_json(t)::text
FROM (
    SELECT * FROM experiments_apitoken WHERE prefix = %(prefix)s
    -- By its own key, and not by that of valid tokens' names, which a table with few of them
    -- invites to read from end to end: the plan is kept.
    OFFSET 0
) AS t
WHERE revoked_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One visitor's wish for an assignment, and what to store where there is none.

    `variant_id` is None where the experiment enrols nobody: only a stored assignment is then found.
    `phase` is the one under way.
    """

    visitor_id: str
    experiment_id: str
    variant_id: str | None
    phase: int = 1
    moment: datetime | None = None


@contextmanager
def reading_whole_tables() -> Iterator[None]:
    """Let the statements of one transaction read tables from end to end, as others never may."""
    with transaction.atomic():
        run("SET LOCAL enable_seqscan = on", {})
        yield


def config_version() -> int:
    """Return the version of the configuration, raised by every change to it."""
    return int(run("SELECT version FROM experiments_config_version", {})[0][0])


def raise_config_version() -> None:
    """Make every process read the configuration anew, and forget what it knows of visitors."""
    run("UPDATE experiments_config_version SET version = version + 1", {})


def lock_configuration() -> None:
    """Make other writers of the configuration wait for this transaction's end; readers never do."""
    run("SELECT version FROM experiments_config_version FOR NO KEY UPDATE", {})


def enrol(
    enrolments: Sequence[Enrolment], version: int
) -> Steps[tuple[bool, dict[tuple[str, str], tuple[str, int]]]]:
    """Store what is missing; what is stored comes of it.

    Whether `version` is the configuration's current one (if not, nothing was stored) and
    {(visitor id, experiment id): (variant id, phase)} for each that has an assignment.
    """
    rows = yield Statement(
        ENROL,
        {
            "version": version,
            "visitors": [e.visitor_id for e in enrolments],
            "experiments": [e.experiment_id for e in enrolments],
            "variants": [e.variant_id for e in enrolments],
            "phases": [e.phase for e in enrolments],
            "moments": [e.moment for e in enrolments],
        },
    )
    is_current = next(holds for holds, *_ in rows if holds is not None)
    assigned = {(row[1], row[2]): (row[3], row[4]) for row in rows if row[0] is None}
    return is_current, assigned


def experiment_row(experiment_id: UUID | str) -> dict[str, Any] | None:
    """Return an experiment's row and those of all that belongs to it; None where there is none.

    `page` is one row; `plan` is one or None; `variants`, `goals` and `phases` are in their order,
    None where there are none.
    """
    rows = run(EXPERIMENT, {"id": str(experiment_id)})
    found: dict[str, Any] | None = json.loads(rows[0][0]) if rows else None
    return found


def valid_token_row(prefix: str) -> dict[str, Any] | None:
    """Return the row of the token of a prefix, unless it was revoked."""
    rows = run(VALID_BY_PREFIX, {"prefix": prefix})
    found: dict[str, Any] | None = json.loads(rows[0][0]) if rows else None
    return found
