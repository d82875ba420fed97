-- First occurrences and daily counts of raw events that were kept and not counted yet.
--
-- The same rules as at the end of ingest.sql, for a whole set of events at once. Where a visitor's
-- first occurrence is known already it stays, and the visitor isn't counted anew.
WITH touched AS MATERIALIZED (
{touched}
), firsts AS (
    INSERT INTO metrics_firstoccurrence (visitor_id, experiment_id, kind, variant_id, occurred_at)
    SELECT DISTINCT ON (visitor_id, experiment_id, kind)
        visitor_id, experiment_id, kind, variant_id, created_at
    FROM touched
    ORDER BY visitor_id, experiment_id, kind, created_at
    ON CONFLICT (visitor_id, experiment_id, kind) DO NOTHING
    RETURNING visitor_id, experiment_id, variant_id, kind,
        (occurred_at AT TIME ZONE 'UTC')::date AS day
), valued AS (
    SELECT * FROM touched WHERE value IS NOT NULL
), {sums}
INSERT INTO metrics_dailycount AS d (
    experiment_id, phase, variant_id, day, kind, slot, events, visitors
)
SELECT experiment_id, phase, variant_id, day, kind, %(slot)s, sum(events), sum(visitors)
FROM (
    SELECT experiment_id, phase, variant_id, day, kind, count(*) AS events, 0 AS visitors
    FROM touched GROUP BY experiment_id, phase, variant_id, day, kind
    UNION ALL
    SELECT f.experiment_id, coalesce(a.phase, 1), f.variant_id, f.day, f.kind, 0, count(*)
    FROM firsts AS f LEFT JOIN experiments_assignment AS a USING (visitor_id, experiment_id)
    GROUP BY 1, 2, 3, 4, 5
) AS raised
GROUP BY experiment_id, phase, variant_id, day, kind
ORDER BY experiment_id, phase, variant_id, day, kind
ON CONFLICT (experiment_id, phase, variant_id, day, kind, slot) DO UPDATE
    SET events = d.events + EXCLUDED.events, visitors = d.visitors + EXCLUDED.visitors;
