-- Of each raw event of a set, one row for each kind that it counts towards.
--
-- The kinds that every experiment has, and those of the experiment's own goals: what
-- metrics/kinds.py says of an event on its way in. `value` is the number that a sum grows by.
SELECT e.visitor_id, e.experiment_id, e.variant_id, coalesce(a.phase, 1) AS phase, c.kind,
    NULL::numeric AS value, e.created_at, (e.created_at AT TIME ZONE 'UTC')::date AS day
FROM {events} AS e
LEFT JOIN experiments_assignment AS a USING (visitor_id, experiment_id)
JOIN unnest(%(counted_types)s::text[], %(counted_kinds)s::text[]) AS c (event_type, kind)
    USING (event_type)
UNION ALL
SELECT e.visitor_id, e.experiment_id, e.variant_id, coalesce(a.phase, 1), reached.kind,
    reached.value, e.created_at, (e.created_at AT TIME ZONE 'UTC')::date
FROM experiments_goal AS g
JOIN {events} AS e ON e.experiment_id = g.experiment_id AND e.event_type = ANY (g.event_types)
LEFT JOIN experiments_assignment AS a
    ON a.visitor_id = e.visitor_id AND a.experiment_id = e.experiment_id
CROSS JOIN LATERAL (
    SELECT e.metadata -> g.value_key AS found, jsonb_typeof(e.metadata -> g.value_key) AS type
) AS given
CROSS JOIN LATERAL (
    SELECT CASE WHEN given.type = 'number' THEN given.found::numeric END AS number
) AS given_number
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN g.measure = 'conversion' THEN g.kind
            WHEN number BETWEEN -1000000000000 AND 1000000000000 THEN g.kind
            WHEN given.type <> 'null' THEN 'left:' || substr(g.kind, 6)
        END AS kind,
        CASE
            WHEN g.measure = 'sum' AND number BETWEEN -1000000000000 AND 1000000000000
            THEN round(number, 6)
        END AS value
) AS reached
WHERE g.kind ^@ 'goal:' AND reached.kind IS NOT NULL
    AND (%(goals)s::uuid[] IS NULL OR g.id = ANY (%(goals)s::uuid[]))
    -- Of a goal that was added later, what came before is counted by its backfill, which names it.
    AND (
        g.counted_since IS NULL OR g.backfilled_at IS NOT NULL OR e.created_at >= g.counted_since
        OR %(goals)s::uuid[] IS NOT NULL
    )
    AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(g.conditions) AS c (condition)
        CROSS JOIN LATERAL (
            SELECT e.metadata -> (condition ->> 'key') AS found, condition -> 'value' AS wanted
        ) AS v
        WHERE NOT coalesce(jsonb_typeof(found) <> 'null' AND CASE condition ->> 'operator'
            WHEN 'exists' THEN true
            WHEN '=' THEN found = wanted
            WHEN '!=' THEN found <> wanted
            WHEN 'contains' THEN jsonb_typeof(found) = 'string'
                AND strpos(found #>> '{}', condition ->> 'value') > 0
            WHEN '>=' THEN jsonb_typeof(found) = 'number' AND found >= wanted
            WHEN '>' THEN jsonb_typeof(found) = 'number' AND found > wanted
            WHEN '<=' THEN jsonb_typeof(found) = 'number' AND found <= wanted
            WHEN '<' THEN jsonb_typeof(found) = 'number' AND found < wanted
        END, false)
    );
