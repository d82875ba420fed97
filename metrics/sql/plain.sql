-- Keep and count a group of plain events: all of them, or nothing at all.
--
-- Plain means that of each event's visitor the assignment is known, the very one that the event
-- names; that no event is backdated, adds to a sum, or comes twice in the group. Then what is to be
-- counted is known beforehand, and comes already added up. What may still be against it is asked
-- first, in one question; where the answer is yes, ingest.sql decides, event by event.
WITH fence AS MATERIALIZED (
    SELECT (month_began AT TIME ZONE 'UTC')::date AS month, is_current,
        is_current
        -- Around a month's turn ids are claimed.
        AND now() >= month_began + interval '5 minutes'
        AND now() < month_began + interval '1 month' - interval '5 minutes'
        -- Each is new, in every month up to this one: a retry may come after a month's turn.
        AND NOT EXISTS (
            SELECT FROM unnest(%(visitors)s::uuid[], %(ids)s::uuid[]) AS i (visitor_id, id)
            CROSS JOIN LATERAL (
                SELECT FROM metrics_event
                WHERE visitor_id = i.visitor_id AND id = i.id
                    AND month <= (now() AT TIME ZONE 'UTC')::date
                LIMIT 1
            ) AS before
        ) AS holds
    FROM date_trunc('month', now(), 'UTC') AS month_began
    CROSS JOIN (
        SELECT EXISTS (
            SELECT 1 FROM experiments_config_version WHERE version = %(version)s
        ) AS is_current
    ) AS configuration
), kept AS (
    -- In the order of the key, in which they are given. One that a parallel transaction keeps at
    -- the same moment makes the statement fail.
    INSERT INTO metrics_event (
        visitor_id, id, experiment_id, variant_id, created_at, month, event_type, metadata
    )
    SELECT visitor_id, id, experiment_id, variant_id, now(), month, event_type, metadata::jsonb
    FROM unnest(
        %(visitors)s::uuid[], %(ids)s::uuid[], %(experiments)s::uuid[], %(variants)s::uuid[],
        %(types)s::text[], %(metadata)s::text[]
    ) AS i (visitor_id, id, experiment_id, variant_id, event_type, metadata), fence
    WHERE holds
    RETURNING month
), firsts AS (
    -- Those that aren't known to be stored. After the events, as in ingest.sql; by itself PostgreSQL
    -- would write the events last.
    INSERT INTO metrics_firstoccurrence (visitor_id, experiment_id, kind, variant_id, occurred_at)
    SELECT visitor_id, experiment_id, kind, variant_id, now()
    FROM unnest(
        %(first_visitors)s::uuid[], %(first_experiments)s::uuid[], %(first_kinds)s::text[],
        %(first_variants)s::uuid[]
    ) AS f (visitor_id, experiment_id, kind, variant_id), fence
    WHERE holds AND (SELECT count(*) FROM kept) > 0
    ORDER BY visitor_id, experiment_id, kind
    ON CONFLICT (visitor_id, experiment_id, kind) DO NOTHING
    RETURNING visitor_id, experiment_id, kind
), counted AS (
    INSERT INTO metrics_dailycount AS d (
        experiment_id, phase, variant_id, day, kind, slot, events, visitors
    )
    SELECT experiment_id, phase, variant_id, (now() AT TIME ZONE 'UTC')::date, kind, %(slot)s,
        sum(events), sum(visitors)
    FROM (
        SELECT experiment_id, phase, variant_id, kind, events, 0 AS visitors
        FROM unnest(
            %(count_experiments)s::uuid[], %(count_phases)s::smallint[],
            %(count_variants)s::uuid[], %(count_kinds)s::text[], %(count_events)s::int[]
        ) AS c (experiment_id, phase, variant_id, kind, events)
        UNION ALL
        SELECT experiment_id, phase, variant_id, kind, 0, CASE
            WHEN (visitor_id, experiment_id, kind) IN (
                SELECT visitor_id, experiment_id, kind FROM firsts
            ) THEN 1 ELSE 0 END
        FROM unnest(
            %(first_visitors)s::uuid[], %(first_experiments)s::uuid[], %(first_kinds)s::text[],
            %(first_variants)s::uuid[], %(first_phases)s::smallint[]
        ) AS f (visitor_id, experiment_id, kind, variant_id, phase)
    ) AS raised, fence
    WHERE holds
    GROUP BY experiment_id, phase, variant_id, kind
    ORDER BY experiment_id, phase, variant_id, kind
    ON CONFLICT (experiment_id, phase, variant_id, day, kind, slot) DO UPDATE
        SET events = d.events + EXCLUDED.events, visitors = d.visitors + EXCLUDED.visitors
)
SELECT is_current, holds, now() FROM fence;
