-- Every difference between what was counted and a count by brute force over the raw events.
-- One row a difference; no rows mean that all of it agrees.
--
-- Of pruned months the raw events are gone: what they counted is taken as it is, and so is a first
-- occurrence in one, and what it added to visitors' totals. That the visitors of a day are its
-- first occurrences can be checked always.
WITH pruned AS MATERIALIZED (
    SELECT month FROM metrics_prunedmonth
), touched AS MATERIALIZED (
{touched}
), first AS MATERIALIZED (
    SELECT f.*, coalesce(a.phase, 1) AS phase, (occurred_at AT TIME ZONE 'UTC')::date AS day,
        date_trunc('month', occurred_at AT TIME ZONE 'UTC')::date
            IN (SELECT month FROM pruned) AS is_pruned
    FROM metrics_firstoccurrence AS f
    LEFT JOIN experiments_assignment AS a USING (visitor_id, experiment_id)
), counted AS (
    SELECT experiment_id, phase, variant_id, day, kind,
        sum(events) AS events, sum(visitors) AS visitors,
        date_trunc('month', day::timestamp)::date IN (SELECT month FROM pruned) AS is_pruned
    FROM metrics_dailycount GROUP BY experiment_id, phase, variant_id, day, kind
), true_events AS (
    SELECT experiment_id, phase, variant_id, day, kind, count(*) AS n
    FROM touched GROUP BY experiment_id, phase, variant_id, day, kind
), checkable_events AS (
    SELECT experiment_id, phase, variant_id, day, kind, events AS n FROM counted WHERE NOT is_pruned
), true_visitors AS (
    SELECT experiment_id, phase, variant_id, kind, count(DISTINCT visitor_id) AS n
    FROM (
        SELECT visitor_id, experiment_id, phase, variant_id, kind FROM touched
        UNION ALL
        SELECT visitor_id, experiment_id, phase, variant_id, kind FROM first WHERE is_pruned
    ) AS seen GROUP BY experiment_id, phase, variant_id, kind
), counted_visitors AS (
    SELECT experiment_id, phase, variant_id, kind, sum(visitors) AS n
    FROM counted GROUP BY experiment_id, phase, variant_id, kind
), firsts_by_day AS (
    SELECT experiment_id, phase, variant_id, kind, day, count(*) AS n
    FROM first GROUP BY experiment_id, phase, variant_id, kind, day
), baseless AS (
    -- A first occurrence is the time of one of the visitor's own events of that kind.
    SELECT f.experiment_id, f.phase, f.variant_id, f.kind, count(*) AS n
    FROM first AS f
    WHERE NOT is_pruned AND NOT EXISTS (
        SELECT FROM touched AS t
        WHERE t.visitor_id = f.visitor_id AND t.experiment_id = f.experiment_id
            AND t.kind = f.kind AND t.created_at = f.occurred_at AND t.variant_id = f.variant_id
    )
    GROUP BY f.experiment_id, f.phase, f.variant_id, f.kind
), true_totals AS (
    SELECT visitor_id, experiment_id, kind, sum(value) AS total
    FROM touched WHERE value IS NOT NULL GROUP BY visitor_id, experiment_id, kind
), wrong_totals AS (
    SELECT experiment_id, kind, count(*) AS n
    FROM true_totals AS t FULL JOIN metrics_visitortotal AS v
        USING (visitor_id, experiment_id, kind)
    WHERE coalesce(t.total, 0) + coalesce(v.pruned, 0) <> coalesce(v.total, 0)
    GROUP BY experiment_id, kind
), stored_totals AS (
    SELECT v.experiment_id, coalesce(a.phase, 1) AS phase, a.variant_id, v.kind,
        sum(v.total * v.total) AS squares, sum(v.pruned) AS pruned
    FROM metrics_visitortotal AS v
    LEFT JOIN experiments_assignment AS a USING (visitor_id, experiment_id)
    GROUP BY 1, 2, 3, 4
), true_sums AS (
    SELECT experiment_id, phase, variant_id, day, kind, sum(value) AS total
    FROM touched WHERE value IS NOT NULL GROUP BY experiment_id, phase, variant_id, day, kind
), summed AS (
    SELECT experiment_id, phase, variant_id, day, kind,
        sum(total) AS total, sum(squares) AS squares,
        date_trunc('month', day::timestamp)::date IN (SELECT month FROM pruned) AS is_pruned
    FROM metrics_dailysum GROUP BY experiment_id, phase, variant_id, day, kind
), checkable_sums AS (
    SELECT * FROM summed WHERE NOT is_pruned
), all_days AS (
    SELECT experiment_id, phase, variant_id, kind, sum(squares) AS squares,
        coalesce(sum(total) FILTER (WHERE is_pruned), 0) AS pruned
    FROM summed GROUP BY experiment_id, phase, variant_id, kind
)
SELECT 'events of a day' AS what, experiment_id::text, variant_id::text, phase, day, kind,
    coalesce(t.n, 0) AS expected, coalesce(c.n, 0) AS found
FROM true_events AS t FULL JOIN checkable_events AS c
    USING (experiment_id, phase, variant_id, day, kind)
WHERE coalesce(t.n, 0) <> coalesce(c.n, 0)
UNION ALL
SELECT 'visitors', experiment_id::text, variant_id::text, phase, NULL, kind,
    coalesce(t.n, 0), coalesce(c.n, 0)
FROM true_visitors AS t FULL JOIN counted_visitors AS c
    USING (experiment_id, phase, variant_id, kind)
WHERE coalesce(t.n, 0) <> coalesce(c.n, 0)
UNION ALL
SELECT 'first occurrences of a day', experiment_id::text, variant_id::text, phase, day, kind,
    coalesce(f.n, 0), coalesce(c.visitors, 0)
FROM firsts_by_day AS f FULL JOIN counted AS c USING (experiment_id, phase, variant_id, day, kind)
WHERE coalesce(f.n, 0) <> coalesce(c.visitors, 0)
UNION ALL
SELECT 'first occurrences without an event', experiment_id::text, variant_id::text, phase, NULL,
    kind, 0, n
FROM baseless
UNION ALL
SELECT 'visitors with another total', experiment_id::text, '', NULL, NULL, kind, 0, n
FROM wrong_totals
UNION ALL
SELECT 'sum of a day', experiment_id::text, variant_id::text, phase, day, kind,
    coalesce(t.total, 0), coalesce(c.total, 0)
FROM true_sums AS t FULL JOIN checkable_sums AS c
    USING (experiment_id, phase, variant_id, day, kind)
WHERE coalesce(t.total, 0) <> coalesce(c.total, 0)
UNION ALL
SELECT 'squares of totals', experiment_id::text, variant_id::text, phase, NULL, kind,
    coalesce(v.squares, 0), coalesce(d.squares, 0)
FROM stored_totals AS v FULL JOIN all_days AS d USING (experiment_id, phase, variant_id, kind)
WHERE coalesce(v.squares, 0) <> coalesce(d.squares, 0)
UNION ALL
SELECT 'sums of pruned months', experiment_id::text, variant_id::text, phase, NULL, kind,
    coalesce(v.pruned, 0), coalesce(d.pruned, 0)
FROM stored_totals AS v FULL JOIN all_days AS d USING (experiment_id, phase, variant_id, kind)
WHERE coalesce(v.pruned, 0) <> coalesce(d.pruned, 0)
ORDER BY 1, 2, 3, 4, 5, 6;
