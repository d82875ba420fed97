-- First occurrences from the raw events: the earliest of each kind, by visitor and experiment.
INSERT INTO metrics_firstoccurrence (visitor_id, experiment_id, kind, variant_id, occurred_at)
SELECT DISTINCT ON (e.visitor_id, e.experiment_id, c.kind)
    e.visitor_id, e.experiment_id, c.kind, e.variant_id, e.created_at
FROM metrics_event AS e
JOIN unnest(%(counted_types)s::text[], %(counted_kinds)s::text[]) AS c (event_type, kind)
    USING (event_type)
ORDER BY e.visitor_id, e.experiment_id, c.kind, e.created_at, e.id;
