# In a migration of its own: PostgreSQL makes no index while rows of the table wait for their constraints.
from django.db import migrations, models


def keep_what_is_known(apps, schema_editor):
    """Older entries had no course: they are closed. Who logged one also said whether technique was the cause."""
    injuries = apps.get_model('studies', 'Injury').objects.all()
    injuries.update(status='closed')
    injuries.exclude(form_related=None).update(judged_by=models.F('logged_by'), judged_at=models.F('logged_at'))


class Migration(migrations.Migration):

    dependencies = [
        ('studies', '0012_injuries_and_exposure'),
    ]

    operations = [
        migrations.RunPython(keep_what_is_known, migrations.RunPython.noop),
    ]
