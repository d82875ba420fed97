"""Drop the indexes that Django makes of its own accord and that no query here looks into."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# For `LIKE 'abc%'` on a unique column.
PATTERNS = (
    ("experiments_apitoken_prefix_87dc119b_like", "experiments_apitoken", "prefix"),
    ("experiments_toggle_key_2d1871e4_like", "experiments_toggle", "key"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0003_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="apitoken",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="experiment",
            name="winner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="experiments.variant",
            ),
        ),
        migrations.AlterField(
            model_name="variant",
            name="experiment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="variants",
                to="experiments.experiment",
            ),
        ),
        *(
            migrations.RunSQL(
                f"DROP INDEX IF EXISTS {name}",
                f"CREATE INDEX {name} ON {table} ({column} varchar_pattern_ops)",
            )
            for name, table, column in PATTERNS
        ),
    ]
