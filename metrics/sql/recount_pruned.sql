-- The visitors of pruned months from their first occurrences, which outlive the raw events.
INSERT INTO metrics_dailycount AS d (
    experiment_id, phase, variant_id, day, kind, slot, events, visitors
)
SELECT f.experiment_id, coalesce(a.phase, 1) AS phase, f.variant_id,
    (f.occurred_at AT TIME ZONE 'UTC')::date AS day, f.kind, 0, 0, count(*)
FROM metrics_firstoccurrence AS f
LEFT JOIN experiments_assignment AS a USING (visitor_id, experiment_id)
WHERE date_trunc('month', f.occurred_at AT TIME ZONE 'UTC')::date
    IN (SELECT month FROM metrics_prunedmonth)
GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (experiment_id, phase, variant_id, day, kind, slot) DO UPDATE
    SET visitors = d.visitors + EXCLUDED.visitors;
