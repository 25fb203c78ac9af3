"""Games may start with an opening: none does so far."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("games", "0013_ended_games")]

    operations = [
        migrations.AddField(
            model_name="game",
            name="opening",
            field=models.CharField(
                choices=[("none", "none"), ("ballot", "ballot")], db_default="none", default="none", max_length=6,
                help_text="What is on the board at the start; which plies, the log says.",
            ),
        ),
    ]  # fmt: skip
