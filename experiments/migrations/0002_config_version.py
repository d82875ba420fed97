"""The version of the configuration, raised by every change to it, whoever makes the change."""

from django.db import migrations

TABLES = ("experiments_experiment", "experiments_variant", "experiments_toggle")

FORWARDS = """
CREATE TABLE experiments_config_version (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version bigint NOT NULL
);
INSERT INTO experiments_config_version (version) VALUES (1);

CREATE FUNCTION experiments_raise_config_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE experiments_config_version SET version = version + 1;
    RETURN NULL;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER raise_config_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION experiments_raise_config_version();
"""
    for table in TABLES
)

BACKWARDS = (
    "".join(f"DROP TRIGGER raise_config_version ON {table};\n" for table in TABLES)
    + "DROP FUNCTION experiments_raise_config_version(); DROP TABLE experiments_config_version;"
)


class Migration(migrations.Migration):
    dependencies = [("experiments", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
