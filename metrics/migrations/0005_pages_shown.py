"""Count pages shown, and to whom they weren't counted."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0006_goals_and_phases_of_old"),
        ("metrics", "0004_phases"),
    ]

    operations = [
        migrations.CreateModel(
            name="PageCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "experiment_id",
                        "day",
                        "reason",
                        "slot",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("reason", models.CharField(max_length=14)),
                ("slot", models.PositiveSmallIntegerField()),
                ("pages", models.BigIntegerField()),
                (
                    "experiment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="experiments.experiment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="page_count_never_negative", condition=models.Q(pages__gte=0)
                    )
                ],
            },
        ),
    ]
