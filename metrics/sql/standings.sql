-- The assignments of a group's visitors of whom the process knows none.
SELECT i.visitor_id::text, i.experiment_id::text, a.variant_id::text, a.phase
FROM unnest(%(visitors)s::uuid[], %(experiments)s::uuid[]) AS i (visitor_id, experiment_id)
CROSS JOIN LATERAL (
    SELECT variant_id, phase FROM experiments_assignment
    WHERE visitor_id = i.visitor_id AND experiment_id = i.experiment_id
    LIMIT 1
) AS a;
