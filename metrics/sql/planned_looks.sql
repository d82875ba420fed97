-- The looks at planned ends that were taken of experiments, in whatever phase.
SELECT to_json(l)::text
FROM metrics_plannedlook AS l
WHERE experiment_id = ANY (%(experiments)s::uuid[]);
