import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("metrics", "0006_sums_by_visitor_and_day"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["created_at"],
                name="event_by_the_moment",
                pages_per_range=64,
            ),
        ),
    ]
