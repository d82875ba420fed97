-- Lets the days' growths of squares add up to the squares of visitors' totals again.
--
-- They do, unless a pruned month was counted after a later one: which day a square grew on depends
-- on the order of counting, and what was pruned isn't counted anew. The last day takes the rest.
INSERT INTO metrics_dailysum AS s (
    experiment_id, phase, variant_id, day, kind, slot, total, squares
)
SELECT experiment_id, phase, variant_id, day, kind, 0, 0, own.squares - counted.squares
FROM (
    SELECT v.experiment_id, coalesce(a.phase, 1) AS phase, a.variant_id, v.kind,
        sum(v.total * v.total) AS squares
    FROM metrics_visitortotal AS v
    JOIN experiments_assignment AS a USING (visitor_id, experiment_id)
    GROUP BY 1, 2, 3, 4
) AS own
JOIN (
    SELECT experiment_id, phase, variant_id, kind, max(day) AS day, sum(squares) AS squares
    FROM metrics_dailysum GROUP BY 1, 2, 3, 4
) AS counted USING (experiment_id, phase, variant_id, kind)
WHERE own.squares <> counted.squares
ON CONFLICT (experiment_id, phase, variant_id, day, kind, slot) DO UPDATE
    SET squares = s.squares + EXCLUDED.squares;
