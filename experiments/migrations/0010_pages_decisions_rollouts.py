"""Landing pages, what was decided at an experiment's end, and for whom a toggle is on."""

import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0009_audit_log"),
    ]

    operations = [
        migrations.CreateModel(
            name="Page",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "slug",
                    models.CharField(
                        max_length=60,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]+(?:-[a-z0-9]+)*\\Z",
                                "Use lower-case letters, digits and single hyphens, as in “spring-offer”.",
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("is_home", models.BooleanField(default=False)),
                ("content", models.JSONField(blank=True, default=dict)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "ordering": ["-is_home", "name", "id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="phase",
            name="phase_cause_known",
        ),
        migrations.AddField(
            model_name="experiment",
            name="archived_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="experiment",
            name="completed_from",
            field=models.CharField(
                blank=True,
                choices=[
                    ("draft", "Draft"),
                    ("active", "Active"),
                    ("paused", "Paused"),
                    ("completed", "Completed"),
                ],
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="experiment",
            name="decision",
            field=models.CharField(
                blank=True,
                choices=[
                    ("ship", "Ship the winner"),
                    ("keep", "Keep the control"),
                    ("inconclusive", "Inconclusive"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="experiment",
            name="decision_note",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="experiment",
            name="hypothesis",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="toggle",
            name="reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="toggle",
            name="rollout",
            field=models.PositiveSmallIntegerField(
                default=100, validators=[django.core.validators.MaxValueValidator(100)]
            ),
        ),
        migrations.AddField(
            model_name="toggle",
            name="turns_off_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="toggle",
            name="turns_on_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="phase",
            name="cause",
            field=models.CharField(
                choices=[
                    ("start", "Start"),
                    ("split", "Change of the traffic split"),
                    ("content", "Change of content"),
                    ("variants", "Change of variants"),
                    ("reopened", "Decision undone"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cause__in", ["start", "split", "content", "variants", "reopened"])
                ),
                name="phase_cause_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="toggle",
            constraint=models.CheckConstraint(
                condition=models.Q(("rollout__lte", 100)), name="toggle_rollout_percent"
            ),
        ),
        migrations.AddConstraint(
            model_name="toggle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("turns_on_at__isnull", True),
                    ("turns_off_at__isnull", True),
                    ("turns_on_at__lt", models.F("turns_off_at")),
                    _connector="OR",
                ),
                name="toggle_on_before_off",
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_home", True)), fields=("is_home",), name="page_one_home"
            ),
        ),
        migrations.AddField(
            model_name="experiment",
            name="page",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="experiments",
                to="experiments.page",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision", ""),
                    models.Q(
                        ("decision__in", ["ship", "keep", "inconclusive"]), ("status", "completed")
                    ),
                    _connector="OR",
                ),
                name="experiment_decided_only_when_completed",
            ),
        ),
        migrations.AddConstraint(
            model_name="experiment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("archived_at__isnull", True),
                    ("status__in", ("draft", "completed")),
                    _connector="OR",
                ),
                name="experiment_archived_only_at_rest",
            ),
        ),
    ]
