"""How much time there is in a game: none in any so far."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("games", "0008_takebacks")]

    operations = [
        migrations.AddField(
            model_name="game",
            name="initial",
            field=models.PositiveSmallIntegerField(blank=True, help_text="Seconds that each side has.", null=True),
        ),
        migrations.AddField(
            model_name="game",
            name="increment",
            field=models.PositiveSmallIntegerField(blank=True, help_text="Seconds that each move adds.", null=True),
        ),
        migrations.AddField(
            model_name="game",
            name="days_per_move",
            field=models.PositiveSmallIntegerField(blank=True, help_text="In place of both.", null=True),
        ),
        migrations.AddConstraint(
            model_name="game",
            constraint=models.CheckConstraint(
                condition=models.Q(("increment", None), ("initial", None))
                | models.Q(("days_per_move", None), ("increment__isnull", False), ("initial__isnull", False)),
                name="game_time_control_is_whole",
            ),
        ),
    ]
