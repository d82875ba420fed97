-- What the visitors of a phase of each experiment add up to, by variant and kind.
SELECT summed.*
FROM unnest(%(experiments)s::uuid[], %(phases)s::smallint[]) AS asked (experiment_id, phase)
CROSS JOIN LATERAL (
    SELECT variant_id, kind, sum(total), sum(squares)
    FROM metrics_dailysum
    WHERE experiment_id = asked.experiment_id AND phase = asked.phase
    GROUP BY variant_id, kind
) AS summed;
