"""Give every experiment that there is its primary goal, and the phase that its start began.

Goals and phases are configuration too: a change to them raises its version.
"""

from django.db import migrations

TABLES = ("experiments_goal", "experiments_phase")

FORWARDS = """
INSERT INTO experiments_goal (
    id, experiment_id, position, name, role, measure, event_types, conditions, value_key, harm, kind
)
SELECT gen_random_uuid(), id, 0, 'Sign-up or CTA click', 'primary', 'conversion',
    ARRAY['cta_click', 'form_submit'], '[]', '', '', 'conversion'
FROM experiments_experiment;

INSERT INTO experiments_phase (experiment_id, number, cause, weights, started_at, ended_at)
SELECT e.id, 1, 'start', jsonb_object_agg(v.id::text, v.weight), e.started_at, e.completed_at
FROM experiments_experiment AS e JOIN experiments_variant AS v ON v.experiment_id = e.id
WHERE e.started_at IS NOT NULL
GROUP BY e.id;
""" + "".join(
    f"""
CREATE TRIGGER raise_config_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION experiments_raise_config_version();
"""
    for table in TABLES
)

BACKWARDS = "".join(f"DROP TRIGGER raise_config_version ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("experiments", "0005_goals_phases_plans")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
