-- What of visitors' totals comes from these raw events, noted before they are dropped.
UPDATE metrics_visitortotal AS v SET pruned = v.pruned + gone.total
FROM (
    SELECT visitor_id, experiment_id, kind, sum(value) AS total
    FROM (
{touched}
    ) AS touched
    WHERE value IS NOT NULL GROUP BY visitor_id, experiment_id, kind
) AS gone
WHERE v.visitor_id = gone.visitor_id AND v.experiment_id = gone.experiment_id
    AND v.kind = gone.kind;
