"""Whether moves may be taken back: in every game so far, where both want it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("games", "0007_one_log_of_changes")]

    operations = [
        # A process of the release before goes on making games: the database fills in what it doesn't name.
        migrations.AddField(
            model_name="game",
            name="takebacks",
            field=models.BooleanField(db_default=True, default=True, help_text="Whether moves may be taken back."),
        ),
    ]
