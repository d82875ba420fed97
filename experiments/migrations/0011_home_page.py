"""The page that has been there all along, at `/`: every experiment so far is about it.

Pages are configuration: their changes raise its version, and are audited.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

FORWARDS = """
CREATE TRIGGER raise_config_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON experiments_page
    FOR EACH STATEMENT EXECUTE FUNCTION experiments_raise_config_version();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON experiments_page
    FOR EACH ROW EXECUTE FUNCTION experiments_audit('page', 'id', 'name', '', '', '');
CREATE TRIGGER audit_emptied AFTER TRUNCATE ON experiments_page
    FOR EACH STATEMENT EXECUTE FUNCTION experiments_audit_emptied('page');
"""
BACKWARDS = """
DROP TRIGGER raise_config_version ON experiments_page;
DROP TRIGGER audit ON experiments_page;
DROP TRIGGER audit_emptied ON experiments_page;
"""


def make_home(apps, schema_editor):
    page = apps.get_model("experiments", "Page").objects.create(
        id=uuid.uuid4(), slug="home", name="Home", is_home=True
    )
    # Nobody changed these experiments, so their histories say nothing of it.
    schema_editor.execute("ALTER TABLE experiments_experiment DISABLE TRIGGER audit")
    apps.get_model("experiments", "Experiment").objects.update(page=page)
    # A table with checks outstanding can't be altered.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("ALTER TABLE experiments_experiment ENABLE TRIGGER audit")


class Migration(migrations.Migration):
    dependencies = [("experiments", "0010_pages_decisions_rollouts")]

    operations = [
        migrations.RunPython(make_home, migrations.RunPython.noop),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.AlterField(
            model_name="experiment",
            name="page",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="experiments",
                to="experiments.page",
            ),
        ),
    ]
