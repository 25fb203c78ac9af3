"""Guests: where they came from, for limits, and when they are to go."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("games", "0011_kinds_of_players"), ("lobby", "0006_seeks")]

    operations = [
        migrations.CreateModel(
            name="Guest",
            fields=[
                (
                    "player",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="+",
                        serialize=False, to="games.player",
                    ),
                ),
                ("address", models.CharField(max_length=64)),
                ("browser", models.CharField(max_length=64, null=True, unique=True)),
                ("made_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "indexes": [models.Index(fields=["address", "-seen_at"], name="guest_address_seen")],
            },
        ),
    ]  # fmt: skip
