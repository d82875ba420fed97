-- Daily counts from the raw events and the first occurrences, all in one slot.
INSERT INTO metrics_dailycount (experiment_id, variant_id, day, kind, slot, events, visitors)
SELECT experiment_id, variant_id, day, kind, 0, sum(events), sum(visitors)
FROM (
    SELECT e.experiment_id, e.variant_id, (e.created_at AT TIME ZONE 'UTC')::date AS day, c.kind,
        1 AS events, 0 AS visitors
    FROM metrics_event AS e
    JOIN unnest(%(counted_types)s::text[], %(counted_kinds)s::text[]) AS c (event_type, kind)
        USING (event_type)
    UNION ALL
    SELECT experiment_id, variant_id, (occurred_at AT TIME ZONE 'UTC')::date, kind, 0, 1
    FROM metrics_firstoccurrence
) AS raised
GROUP BY experiment_id, variant_id, day, kind;
