import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

EVENT_TYPES = ["page_view", "click", "form_submit", "cta_click", "scroll_depth"]

# Django can't declare a partitioned table. The columns stand in the order in which they pack best.
CREATE_EVENT = """
CREATE TABLE metrics_event (
    visitor_id uuid NOT NULL,
    id uuid NOT NULL,
    experiment_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    month date NOT NULL,
    event_type varchar(12) NOT NULL,
    metadata jsonb NOT NULL,
    PRIMARY KEY (visitor_id, id, month),
    CONSTRAINT event_type_known CHECK (
        event_type IN ('page_view', 'click', 'form_submit', 'cta_click', 'scroll_depth')
    )
) PARTITION BY RANGE (month);
"""


def configuration_key(to):
    return models.ForeignKey(
        to=f"experiments.{to}",
        on_delete=django.db.models.deletion.DO_NOTHING,
        db_constraint=False,
        db_index=False,
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [("experiments", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(CREATE_EVENT, "DROP TABLE metrics_event"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "visitor_id",
                                "id",
                                "month",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("visitor_id", models.UUIDField()),
                        ("id", models.UUIDField()),
                        ("month", models.DateField()),
                        ("experiment", configuration_key("experiment")),
                        ("variant", configuration_key("variant")),
                        (
                            "event_type",
                            models.CharField(
                                choices=[
                                    ("page_view", "Page views"),
                                    ("click", "Clicks"),
                                    ("form_submit", "Sign-ups"),
                                    ("cta_click", "CTA clicks"),
                                    ("scroll_depth", "Scroll depths"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("metadata", models.JSONField(default=dict)),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(event_type__in=EVENT_TYPES),
                                name="event_type_known",
                            )
                        ],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="EventClaim",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "visitor_id",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("visitor_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("claimed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FirstOccurrence",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "visitor_id",
                        "experiment_id",
                        "kind",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("visitor_id", models.UUIDField()),
                ("experiment", configuration_key("experiment")),
                ("kind", models.CharField(max_length=40)),
                ("variant", configuration_key("variant")),
                ("occurred_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DailyCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "experiment_id",
                        "variant_id",
                        "day",
                        "kind",
                        "slot",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("experiment", configuration_key("experiment")),
                ("variant", configuration_key("variant")),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=40)),
                ("slot", models.PositiveSmallIntegerField()),
                ("events", models.BigIntegerField()),
                ("visitors", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(events__gte=0, visitors__gte=0),
                        name="daily_count_never_negative",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="lead_email_once"
                    )
                ],
            },
        ),
    ]
