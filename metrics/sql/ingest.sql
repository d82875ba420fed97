-- Keep and count: one statement, so one transaction and one round trip, for a group of events.
--
-- Each event belongs to a call; a call's events are kept all or none. A call whose events are
-- refused costs its neighbours nothing. Every INSERT goes in key order, so that two processes
-- writing about the same visitors wait for each other in one order and never in a circle.
WITH fence AS (
    -- Nothing is done on a configuration that is no longer the current one.
    SELECT EXISTS (SELECT 1 FROM experiments_config_version WHERE version = %(version)s) AS holds
), incoming AS MATERIALIZED (
    SELECT i.*, coalesce(i.moment, now()) AS created_at,
        date_trunc('month', coalesce(i.moment, now()), 'UTC') AS month_began
    FROM unnest(
        %(ordinals)s::int[], %(calls)s::int[], %(visitors)s::uuid[], %(experiments)s::uuid[],
        %(variants)s::uuid[], %(computed)s::uuid[], %(phases)s::smallint[], %(types)s::text[],
        %(metadata)s::text[], %(ids)s::uuid[], %(moments)s::timestamptz[]
    ) AS i (
        ordinal, call, visitor_id, experiment_id, variant_id, computed, current_phase, event_type,
        metadata, id, moment
    )
), judged AS MATERIALIZED (
    SELECT i.*,
        a.variant_id AS stored,
        a.phase AS stored_phase,
        coalesce(a.variant_id, i.computed) AS own,
        before.created_at AS kept_at,
        before.id IS NOT NULL AND (
            before.experiment_id <> i.experiment_id OR before.event_type <> i.event_type
        ) AS is_reused
    FROM incoming AS i
    LEFT JOIN experiments_assignment AS a USING (visitor_id, experiment_id)
    -- Over all months: a retry may come after a month's turn.
    LEFT JOIN metrics_event AS before ON before.visitor_id = i.visitor_id AND before.id = i.id
), sound AS MATERIALIZED (
    SELECT * FROM (
        SELECT j.*,
            bool_and(own IS NOT DISTINCT FROM variant_id AND NOT is_reused)
                OVER (PARTITION BY call) AS is_sound
        FROM judged AS j
    ) AS s, fence WHERE is_sound AND holds
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
    SELECT * FROM (
        SELECT s.*,
            coalesce(s.stored_phase, e.phase) AS phase,
            bool_and(coalesce(s.stored, e.variant_id) = s.variant_id)
                OVER (PARTITION BY call) AS is_own
        FROM sound AS s LEFT JOIN enrolled AS e USING (visitor_id, experiment_id)
    ) AS s WHERE is_own
), claimed AS (
    -- Around a month's turn two copies of one event could go to two partitions.
    INSERT INTO metrics_eventclaim (visitor_id, id, claimed_at)
    SELECT DISTINCT ON (visitor_id, id) visitor_id, id, created_at
    FROM accepted
    WHERE created_at < month_began + interval '5 minutes'
        OR created_at >= month_began + interval '1 month' - interval '5 minutes'
    ORDER BY visitor_id, id, ordinal
    ON CONFLICT (visitor_id, id) DO NOTHING
    RETURNING visitor_id, id
), candidate AS MATERIALIZED (
    SELECT DISTINCT ON (visitor_id, id) a.*
    FROM accepted AS a LEFT JOIN claimed AS c USING (visitor_id, id)
    WHERE kept_at IS NULL AND (
        c.id IS NOT NULL
        OR created_at >= month_began + interval '5 minutes'
        AND created_at < month_began + interval '1 month' - interval '5 minutes'
    )
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
    SELECT t.experiment_id, t.phase, t.variant_id, t.day, t.kind, %(slot)s, count(*),
        count(f.visitor_id)
    FROM touched AS t
    LEFT JOIN firsts AS f ON t.is_earliest
        AND f.visitor_id = t.visitor_id AND f.experiment_id = t.experiment_id AND f.kind = t.kind
    GROUP BY t.experiment_id, t.phase, t.variant_id, t.day, t.kind
    ORDER BY t.experiment_id, t.phase, t.variant_id, t.day, t.kind
    ON CONFLICT (experiment_id, phase, variant_id, day, kind, slot) DO UPDATE
        SET events = d.events + EXCLUDED.events, visitors = d.visitors + EXCLUDED.visitors
)
-- What a group with numbers to add up does besides (ingest_sums.sql and sums.sql).
{sums}
-- One row for each event: what became of it. `stands_at` is the creation time of what is kept
-- under its id; NULL where a parallel transaction kept it after this statement had begun.
SELECT fence.holds, j.ordinal,
    j.own IS NULL AS is_unassigned,
    j.own IS DISTINCT FROM j.variant_id AS is_foreign,
    j.is_reused,
    a.ordinal IS NOT NULL AS is_accepted,
    coalesce(j.kept_at, k.created_at) AS stands_at
FROM fence LEFT JOIN judged AS j ON true
LEFT JOIN accepted AS a ON a.ordinal = j.ordinal
LEFT JOIN kept AS k ON k.visitor_id = j.visitor_id AND k.id = j.id;
