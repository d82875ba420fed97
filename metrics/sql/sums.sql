-- What the rows of `valued` add to visitors' totals, and to the squares of those totals.
--
-- A part of ingest.sql and count.sql. A visitor's total comes back as it is after all of the rows:
-- what was added on later days is taken off it. With the total then t and the part of the day p,
-- the square grew by t² − (t − p)² = p(2t − p).
daily AS MATERIALIZED (
    SELECT visitor_id, experiment_id, variant_id, phase, day, kind, sum(value) AS added,
        coalesce(sum(sum(value)) OVER (
            PARTITION BY visitor_id, experiment_id, kind ORDER BY day
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ), 0) AS added_later
    FROM valued
    GROUP BY visitor_id, experiment_id, variant_id, phase, day, kind
), summed AS (
    INSERT INTO metrics_visitortotal AS v (visitor_id, experiment_id, kind, total)
    SELECT visitor_id, experiment_id, kind, sum(added)
    FROM daily
    GROUP BY visitor_id, experiment_id, kind
    ORDER BY visitor_id, experiment_id, kind
    ON CONFLICT (visitor_id, experiment_id, kind) DO UPDATE SET total = v.total + EXCLUDED.total
    RETURNING visitor_id, experiment_id, kind, total
), summed_daily AS (
    INSERT INTO metrics_dailysum AS s (
        experiment_id, phase, variant_id, day, kind, slot, total, squares
    )
    SELECT experiment_id, phase, variant_id, day, kind, %(slot)s, sum(added),
        sum(added * (2 * (total - added_later) - added))
    FROM daily JOIN summed USING (visitor_id, experiment_id, kind)
    GROUP BY experiment_id, phase, variant_id, day, kind
    ORDER BY experiment_id, phase, variant_id, day, kind
    ON CONFLICT (experiment_id, phase, variant_id, day, kind, slot) DO UPDATE
        SET total = s.total + EXCLUDED.total, squares = s.squares + EXCLUDED.squares
);
