import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('coaching', '0004_stills_and_strictness'),
    ]

    operations = [
        migrations.AddField(
            model_name='repetitionreview',
            name='blind',
            field=models.BooleanField(default=False, help_text="Said before the reviewer had opened the coach's result."),
        ),
        migrations.AddField(
            model_name='repetitionreview',
            name='carried_from',
            field=models.ForeignKey(blank=True, editable=False, help_text='The same words about an earlier analysis of the film, confirmed for this one.', null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='carried_to', to='coaching.repetitionreview'),
        ),
    ]
