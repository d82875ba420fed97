-- The visitors of pruned months from their first occurrences, which outlive the raw events.
INSERT INTO metrics_dailycount AS d (experiment_id, variant_id, day, kind, slot, events, visitors)
SELECT experiment_id, variant_id, (occurred_at AT TIME ZONE 'UTC')::date AS day, kind, 0, 0,
    count(*)
FROM metrics_firstoccurrence
WHERE date_trunc('month', occurred_at AT TIME ZONE 'UTC')::date
    IN (SELECT month FROM metrics_prunedmonth)
GROUP BY experiment_id, variant_id, day, kind
ON CONFLICT (experiment_id, variant_id, day, kind, slot) DO UPDATE
    SET visitors = d.visitors + EXCLUDED.visitors;
