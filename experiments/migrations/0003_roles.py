"""The two groups that the dashboard and the API know: viewers look, editors change."""

from django.db import migrations


def make_groups(apps, _schema_editor):
    group = apps.get_model("auth", "Group")
    for name in ("viewers", "editors"):
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0002_config_version"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
