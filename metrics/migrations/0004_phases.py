"""Count by phase, and keep the look at a phase's planned end."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

KEY = "experiment_id, phase, variant_id, day, kind, slot"


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0005_goals_phases_plans"),
        ("metrics", "0003_lead_newest_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="dailycount",
            name="phase",
            field=models.PositiveSmallIntegerField(db_default=1),
        ),
        # Django can't change a composite primary key.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"""
                    ALTER TABLE metrics_dailycount DROP CONSTRAINT metrics_dailycount_pkey;
                    ALTER TABLE metrics_dailycount ADD PRIMARY KEY ({KEY});
                    """,
                    """
                    ALTER TABLE metrics_dailycount DROP CONSTRAINT metrics_dailycount_pkey;
                    ALTER TABLE metrics_dailycount
                        ADD PRIMARY KEY (experiment_id, variant_id, day, kind, slot);
                    """,
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="dailycount",
                    name="pk",
                    field=models.CompositePrimaryKey(
                        "experiment_id",
                        "phase",
                        "variant_id",
                        "day",
                        "kind",
                        "slot",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                )
            ],
        ),
        migrations.CreateModel(
            name="PlannedLook",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "experiment_id",
                        "phase",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("phase", models.PositiveSmallIntegerField()),
                ("taken_at", models.DateTimeField(db_default=Now())),
                ("outcome", models.JSONField()),
                (
                    "experiment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="experiments.experiment",
                    ),
                ),
            ],
        ),
    ]
