-- Keep and count: one statement, so one transaction and one round trip, for a group of events.
--
-- Each event belongs to a call; a call's events are kept all or none. A call whose events are
-- refused costs its neighbours nothing. Every INSERT goes in key order, and all statements that
-- count write the tables in one order (assignments, events, first occurrences, counts, totals, sums),
-- each needing what the one before returns: so two processes writing about the same visitors wait
-- for each other in one order and never in a circle.
WITH fence AS (
    -- Nothing is done on a configuration that is no longer the current one.
    SELECT EXISTS (SELECT 1 FROM experiments_config_version WHERE version = %(version)s) AS holds
), incoming AS MATERIALIZED (
    SELECT i.*, created_at, month_began,
        created_at < month_began + interval '5 minutes'
            OR created_at >= month_began + interval '1 month' - interval '5 minutes'
            AS is_at_a_turn
    FROM unnest(
        %(ordinals)s::int[], %(calls)s::int[], %(visitors)s::uuid[], %(experiments)s::uuid[],
        %(variants)s::uuid[], %(computed)s::uuid[], %(phases)s::smallint[], %(types)s::text[],
        %(metadata)s::text[], %(ids)s::uuid[], %(moments)s::timestamptz[]
    ) AS i (
        ordinal, call, visitor_id, experiment_id, variant_id, computed, current_phase, event_type,
        metadata, id, moment
    )
    -- PostgreSQL expects ten rows of any array, and would compare large groups' rows each with each
    -- as long as the tables are empty. This, which it can't foresee, it takes for a thousand.
    CROSS JOIN generate_series(1, %(once)s)
    CROSS JOIN LATERAL coalesce(i.moment, now()) AS created_at
    CROSS JOIN LATERAL date_trunc('month', created_at, 'UTC') AS month_began
), judged AS MATERIALIZED (
    SELECT i.*,
        a.variant_id AS stored,
        a.phase AS stored_phase,
        coalesce(a.variant_id, i.computed) AS own,
        before.created_at AS kept_at,
        before.id IS NULL AS is_new,
        before.id IS NOT NULL AND (
            before.experiment_id <> i.experiment_id OR before.event_type <> i.event_type
        ) AS is_reused
    FROM incoming AS i
    -- Both by their keys, event by event, whatever the planner takes the tables for.
    LEFT JOIN LATERAL (
        SELECT variant_id, phase FROM experiments_assignment
        WHERE visitor_id = i.visitor_id AND experiment_id = i.experiment_id
        LIMIT 1
    ) AS a ON true
    -- Over all months: a retry may come after a month's turn.
    LEFT JOIN LATERAL (
        SELECT id, created_at, experiment_id, event_type FROM metrics_event
        WHERE visitor_id = i.visitor_id AND id = i.id
        LIMIT 1
    ) AS before ON true
), sound AS MATERIALIZED (
    SELECT j.* FROM judged AS j, fence
    WHERE holds AND call NOT IN (
        SELECT call FROM judged WHERE own IS DISTINCT FROM variant_id OR is_reused
    )
), enrolled AS (
    INSERT INTO experiments_assignment AS a (
        visitor_id, experiment_id, variant_id, phase, assigned_at
    )
    SELECT visitor_id, experiment_id, variant_id, current_phase, min(created_at)
    FROM sound WHERE stored IS NULL
    GROUP BY visitor_id, experiment_id, variant_id, current_phase
    ORDER BY visitor_id, experiment_id
    -- A parallel request may have stored another variant since (the split may have changed):
    -- touching the row is what returns it.
    ON CONFLICT (visitor_id, experiment_id) DO UPDATE SET variant_id = a.variant_id
    RETURNING visitor_id, experiment_id, variant_id, phase
), accepted AS MATERIALIZED (
    SELECT s.*, coalesce(s.stored_phase, e.phase) AS phase
    FROM sound AS s LEFT JOIN enrolled AS e USING (visitor_id, experiment_id)
    WHERE call NOT IN (
        SELECT s.call FROM sound AS s JOIN enrolled AS e USING (visitor_id, experiment_id)
        WHERE e.variant_id <> s.variant_id
    )
), claimed AS (
    -- Around a month's turn two copies of one event could go to two partitions.
    INSERT INTO metrics_eventclaim (visitor_id, id, claimed_at)
    SELECT DISTINCT ON (visitor_id, id) visitor_id, id, created_at
    FROM accepted
    WHERE is_at_a_turn
    ORDER BY visitor_id, id, ordinal
    ON CONFLICT (visitor_id, id) DO NOTHING
    RETURNING visitor_id, id
), candidate AS MATERIALIZED (
    SELECT DISTINCT ON (visitor_id, id) * FROM accepted
    WHERE is_new
        AND (NOT is_at_a_turn OR (visitor_id, id) IN (SELECT visitor_id, id FROM claimed))
    ORDER BY visitor_id, id, ordinal
), kept AS (
    INSERT INTO metrics_event (
        visitor_id, id, experiment_id, variant_id, created_at, month, event_type, metadata
    )
    SELECT visitor_id, id, experiment_id, variant_id, created_at,
        (month_began AT TIME ZONE 'UTC')::date, event_type, metadata::jsonb
    FROM candidate
    ORDER BY visitor_id, id
    ON CONFLICT (visitor_id, id, month) DO NOTHING
    RETURNING visitor_id, id, created_at
), touched AS MATERIALIZED (
    SELECT c.visitor_id, c.experiment_id, c.variant_id, c.phase, t.kind, c.created_at,
        (c.created_at AT TIME ZONE 'UTC')::date AS day,
        row_number() OVER (
            PARTITION BY c.visitor_id, c.experiment_id, t.kind ORDER BY c.created_at
        ) = 1 AS is_earliest
    FROM kept AS k
    JOIN candidate AS c USING (visitor_id, id)
    JOIN unnest(%(kind_ordinals)s::int[], %(kinds)s::text[]) AS t (ordinal, kind) USING (ordinal)
), firsts AS (
    INSERT INTO metrics_firstoccurrence (visitor_id, experiment_id, kind, variant_id, occurred_at)
    SELECT visitor_id, experiment_id, kind, variant_id, created_at
    FROM touched WHERE is_earliest
    ORDER BY visitor_id, experiment_id, kind
    ON CONFLICT (visitor_id, experiment_id, kind) DO NOTHING
    RETURNING visitor_id, experiment_id, kind
), counted AS (
    INSERT INTO metrics_dailycount AS d (
        experiment_id, phase, variant_id, day, kind, slot, events, visitors
    )
    SELECT experiment_id, phase, variant_id, day, kind, %(slot)s, count(*),
        count(*) FILTER (
            WHERE is_earliest AND (visitor_id, experiment_id, kind) IN (
                SELECT visitor_id, experiment_id, kind FROM firsts
            )
        )
    FROM touched
    GROUP BY experiment_id, phase, variant_id, day, kind
    ORDER BY experiment_id, phase, variant_id, day, kind
    ON CONFLICT (experiment_id, phase, variant_id, day, kind, slot) DO UPDATE
        SET events = d.events + EXCLUDED.events, visitors = d.visitors + EXCLUDED.visitors
    RETURNING slot
)
-- What a group with numbers to add up does besides (ingest_sums.sql and sums.sql).
{sums}
-- Nearly all events are kept, now: they need no row of their own. The first row, without an ordinal,
-- has the moment that this means; the others are of what became something else, or was backdated.
-- `stands_at` is the creation time of what is kept under the event's id; NULL where a parallel
-- transaction kept it after this statement had begun.
SELECT holds, NULL::int AS ordinal, NULL::boolean AS is_unassigned, NULL::boolean AS is_foreign,
    NULL::boolean AS is_reused, NULL::boolean AS is_accepted, now() AS stands_at
FROM fence
UNION ALL
SELECT NULL, j.ordinal, j.own IS NULL, j.own IS DISTINCT FROM j.variant_id, j.is_reused,
    j.ordinal IN (SELECT ordinal FROM accepted), coalesce(j.kept_at, k.created_at)
FROM judged AS j LEFT JOIN kept AS k USING (visitor_id, id)
WHERE k.id IS NULL OR j.moment IS NOT NULL;
