"""What a player is: so far all were people with accounts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("games", "0010_processes")]

    operations = [
        migrations.AddField(
            model_name="player",
            name="computer",
            field=models.PositiveSmallIntegerField(
                blank=True, editable=False, null=True, help_text="The level at which the server plays, 1 to 8."
            ),
        ),
        # A process of the release before goes on making players: the database fills in what it doesn't name.
        migrations.AddField(
            model_name="player",
            name="guest",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, help_text="A person without an account."
            ),
        ),
        migrations.AddField(
            model_name="player",
            name="bot",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, help_text="A program makes the moves of the account."
            ),
        ),
    ]
