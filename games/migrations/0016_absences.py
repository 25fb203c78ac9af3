"""Who has left a game, and since when a process has lived."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("games", "0015_ratings")]

    operations = [
        migrations.AddField(model_name="process", name="started_at", field=models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "seat",
                    models.PositiveSmallIntegerField(choices=[(1, "participant 1"), (2, "participant 2")]),
                ),
                ("since", models.DateTimeField()),
                (
                    "game",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="absences",
                        to="games.game",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("game", "seat"), name="absence_game_seat")],
            },
        ),
    ]  # fmt: skip
