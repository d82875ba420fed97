-- What experiments counted, by variant and kind: in all phases, and in the phase that is asked for.
-- Of that phase's exposures the days and the visitors of each, as the sample ratio is looked at
-- day by day; of a day, each process that counted has its own.
SELECT asked.experiment_id, counted.*
FROM unnest(%(experiments)s::uuid[], %(phases)s::smallint[]) AS asked (experiment_id, phase)
CROSS JOIN LATERAL (
    SELECT variant_id, kind, sum(events)::bigint, sum(visitors)::bigint,
        coalesce(sum(events) FILTER (WHERE phase = asked.phase), 0)::bigint,
        coalesce(sum(visitors) FILTER (WHERE phase = asked.phase), 0)::bigint,
        array_agg(day) FILTER (WHERE phase = asked.phase AND kind = 'exposure'),
        array_agg(visitors) FILTER (WHERE phase = asked.phase AND kind = 'exposure')
    FROM metrics_dailycount
    WHERE experiment_id = asked.experiment_id
    GROUP BY variant_id, kind
) AS counted;
