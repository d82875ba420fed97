"""Rows for tables that grow, as many as make a plan that reads all of them look bad."""

FILL = """
INSERT INTO metrics_event (
    visitor_id, id, experiment_id, variant_id, created_at, month, event_type, metadata
)
SELECT gen_random_uuid(), gen_random_uuid(), %(experiment)s, %(experiment)s,
    %(month)s::date + interval '10 days', %(month)s, 'page_view', '{}'
FROM generate_series(1, 5000);
INSERT INTO metrics_firstoccurrence (visitor_id, experiment_id, kind, variant_id, occurred_at)
SELECT visitor_id, experiment_id, 'exposure', variant_id, created_at
FROM metrics_event WHERE month = %(month)s;
INSERT INTO metrics_dailycount (experiment_id, variant_id, day, kind, slot, events, visitors)
SELECT lpad(to_hex(e), 32, '0')::uuid, lpad(to_hex(v), 32, '0')::uuid, %(month)s::date + d, kind, 0,
    1, 1
FROM generate_series(1, 30) AS e, generate_series(1, 2) AS v, generate_series(0, 27) AS d,
    unnest(ARRAY['exposure', 'conversion', 'page_view', 'cta_click']) AS kind;
INSERT INTO metrics_dailysum (experiment_id, phase, variant_id, day, kind, slot, total, squares)
SELECT experiment_id, phase, variant_id, day, kind, slot, 1, 1 FROM metrics_dailycount
WHERE day >= %(month)s::date AND kind <> 'exposure';
"""
FILL_CONFIGURATION = """
INSERT INTO experiments_page (id, slug, name, is_home, content, version)
VALUES (gen_random_uuid(), 'another', 'Another', false, '{}', 1);
INSERT INTO experiments_experiment (
    id, page_id, name, description, hypothesis, status, decision, decision_note, completed_from,
    version, created_at, updated_at
)
SELECT gen_random_uuid(), page.id, 'n', '', '', 'draft', '', '', '', 1,
    now() - n * interval '1 hour', now()
FROM experiments_page AS page, generate_series(1, 2000) AS n WHERE page.slug = 'another';
INSERT INTO experiments_variant (
    id, experiment_id, position, name, description, weight, content
)
SELECT gen_random_uuid(), id, p, 'v', '', 50, '{}'
FROM experiments_experiment, generate_series(0, 1) AS p;
INSERT INTO experiments_assignment (visitor_id, experiment_id, variant_id, assigned_at)
SELECT gen_random_uuid(), e.id, v.id, now()
FROM (SELECT id FROM experiments_experiment LIMIT 1) AS e
JOIN experiments_variant AS v ON v.experiment_id = e.id, generate_series(1, 2500);
INSERT INTO metrics_lead (email, created_at)
SELECT n || '@example.org', now() - n * interval '1 minute' FROM generate_series(1, 20000) AS n;
"""
