-- Visitors of a phase by segment, and how many of them reached a goal: read on demand, from first
-- occurrences and from the raw events of first page views.
WITH visitor AS (
    SELECT visitor_id, variant_id,
        min(occurred_at) FILTER (WHERE kind = 'exposure') AS exposed_at,
        min(occurred_at) FILTER (WHERE kind = 'page_view') AS viewed_at,
        bool_or(kind = %(kind)s) AS has_converted
    FROM metrics_firstoccurrence
    WHERE experiment_id = %(experiment)s::uuid AND kind IN ('exposure', 'page_view', %(kind)s)
    GROUP BY visitor_id, variant_id
), viewed AS (
    SELECT DISTINCT ON (visitor_id) visitor_id, created_at,
        -- The browser carried these: it may have made something of them.
        CASE %(dimension)s::text
            WHEN 'device' THEN CASE
                WHEN metadata ->> 'device' IN ('phone', 'tablet', 'desktop')
                THEN metadata ->> 'device'
            END
            WHEN 'source' THEN CASE
                WHEN jsonb_typeof(metadata -> 'source') = 'string'
                THEN nullif(left(metadata ->> 'source', 60), '')
            END
        END AS segment
    FROM metrics_event
    WHERE experiment_id = %(experiment)s::uuid AND event_type = 'page_view'
        AND %(dimension)s::text <> 'day'
    ORDER BY visitor_id, created_at, id
), grouped AS (
    SELECT v.variant_id,
        CASE
            WHEN %(dimension)s::text = 'day' THEN (v.exposed_at AT TIME ZONE 'UTC')::date::text
            -- A later view than the first says nothing of how the visitor came: where the first
            -- is gone with its month, nothing is known.
            WHEN w.created_at = v.viewed_at THEN w.segment
        END AS segment,
        count(*) AS visitors,
        count(*) FILTER (WHERE v.has_converted) AS conversions
    FROM visitor AS v
    LEFT JOIN experiments_assignment AS a
        ON a.visitor_id = v.visitor_id AND a.experiment_id = %(experiment)s::uuid
    LEFT JOIN viewed AS w ON w.visitor_id = v.visitor_id
    WHERE v.exposed_at IS NOT NULL AND coalesce(a.phase, 1) = %(phase)s
    GROUP BY 1, 2
), ranked AS (
    SELECT segment, row_number() OVER (ORDER BY sum(visitors) DESC, segment) AS place
    FROM grouped WHERE segment IS NOT NULL GROUP BY segment
)
-- Without a place: unknown. Beyond the last place: other.
SELECT g.variant_id, CASE WHEN r.place IS NOT NULL THEN least(r.place, %(most)s + 1) END,
    min(g.segment) FILTER (WHERE r.place <= %(most)s),
    sum(g.visitors)::bigint, sum(g.conversions)::bigint
FROM grouped AS g LEFT JOIN ranked AS r USING (segment)
GROUP BY 1, 2;
