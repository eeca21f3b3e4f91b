import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import studies.models.trial


def a_seed_for_each_study(apps, schema_editor):
    """The column came with one value for all studies there were."""
    for study in apps.get_model("studies", "Study").objects.all():
        study.blinding_seed = studies.models.trial.new_blinding_seed()
        study.save(update_fields=["blinding_seed"])


class Migration(migrations.Migration):

    dependencies = [
        ("studies", "0006_time_points"),
    ]

    operations = [
        migrations.AddField(
            model_name="study",
            name="blinding_seed",
            field=models.CharField(
                default=studies.models.trial.new_blinding_seed,
                editable=False,
                help_text="Deals the letters that stand for the groups (studies.blinding). Secret: never shown or exported.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="unblinded_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="unblinding_reason",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.RunPython(a_seed_for_each_study, migrations.RunPython.noop),
    ]
