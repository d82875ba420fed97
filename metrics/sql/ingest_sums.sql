-- The numbers that kept events add to sums, for sums.sql.
, valued AS (
    SELECT c.visitor_id, c.experiment_id, c.variant_id, c.phase, v.kind, v.value,
        (c.created_at AT TIME ZONE 'UTC')::date AS day
    FROM kept AS k
    JOIN candidate AS c USING (visitor_id, id)
    JOIN unnest(
        %(value_ordinals)s::int[], %(value_kinds)s::text[], %(values)s::numeric[]
    ) AS v (ordinal, kind, value) USING (ordinal)
    -- After the counts, as in count.sql. By itself PostgreSQL would write the sums first.
    WHERE (SELECT count(*) FROM counted) >= 0
), {sums};
