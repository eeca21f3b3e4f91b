from django.db import migrations, models

from analysis.frozen import guard


def remove(apps, schema_editor):
    guard.remove(schema_editor.connection)


def install(apps, schema_editor):
    guard.install(schema_editor.connection)


def install_as_before(apps, schema_editor):
    guard.install(schema_editor.connection, guard.FIRST_COLUMNS)


class Migration(migrations.Migration):

    dependencies = [
        ('analysis', '0001_plans_and_frozen_reports'),
    ]

    operations = [
        migrations.RunPython(remove, install_as_before, elidable=False),
        migrations.AddField(
            model_name='frozenreport',
            name='blinded_document',
            field=models.TextField(blank=True, default='', help_text='The snapshot under the letters of the groups, for who is blinded; empty if nobody was any more.'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='frozenreport',
            name='blinded_sha256',
            field=models.CharField(blank=True, default='', max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='frozenreport',
            name='blinded_data_sha256',
            field=models.CharField(blank=True, default='', max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(install, remove, elidable=False),
    ]
