"""Seeks of rated games have the rating of who seeks."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lobby', '0007_guests'),
    ]

    operations = [
        migrations.AddField(
            model_name='seek',
            name='provisional',
            field=models.BooleanField(help_text='Whether that is a guess.', null=True),
        ),
        migrations.AddField(
            model_name='seek',
            name='rating',
            field=models.PositiveSmallIntegerField(help_text="The person's own at this speed.", null=True),
        ),
    ]
