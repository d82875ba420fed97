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
    -- A later view than the visitor's first says nothing of how they came: where the first is gone
    -- with its month, there is none.
    SELECT DISTINCT ON (v.visitor_id) v.visitor_id, e.metadata
    FROM visitor AS v
    JOIN metrics_event AS e ON e.visitor_id = v.visitor_id AND e.created_at = v.viewed_at
    WHERE e.experiment_id = %(experiment)s::uuid AND e.event_type = 'page_view'
        AND %(dimension)s::text <> 'day'
    ORDER BY v.visitor_id, e.id
), placed AS MATERIALIZED (
    SELECT v.variant_id, v.has_converted,
        CASE %(dimension)s::text
            WHEN 'day' THEN (v.exposed_at AT TIME ZONE 'UTC')::date::text
            -- The browser carried these: it may have made something of them.
            WHEN 'device' THEN CASE
                WHEN w.metadata ->> 'device' IN ('phone', 'tablet', 'desktop')
                THEN w.metadata ->> 'device'
            END
            WHEN 'source' THEN CASE
                WHEN jsonb_typeof(w.metadata -> 'source') = 'string'
                THEN nullif(left(w.metadata ->> 'source', 60), '')
            END
        END AS segment
    FROM visitor AS v
    LEFT JOIN experiments_assignment AS a
        ON a.visitor_id = v.visitor_id AND a.experiment_id = %(experiment)s::uuid
    LEFT JOIN viewed AS w ON w.visitor_id = v.visitor_id
    WHERE v.exposed_at IS NOT NULL AND coalesce(a.phase, 1) = %(phase)s
), ranked AS (
    SELECT segment, row_number() OVER (ORDER BY count(*) DESC, segment) AS place
    FROM placed WHERE segment IS NOT NULL GROUP BY segment
)
-- Without a place: unknown. Beyond the last place: other.
SELECT p.variant_id, CASE WHEN r.place IS NOT NULL THEN least(r.place, %(most)s + 1) END,
    min(p.segment) FILTER (WHERE r.place <= %(most)s),
    count(*), count(*) FILTER (WHERE p.has_converted)
FROM placed AS p LEFT JOIN ranked AS r USING (segment)
GROUP BY 1, 2;
