"""Indexes for what lists show. On PostgreSQL they are built beside running writers, so outside a transaction."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

UNFINISHED = models.Q(state="finished", _negated=True)


class AddIndex(AddIndexConcurrently):
    """Concurrently on PostgreSQL, plainly elsewhere."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Add the index."""
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        adding = AddIndexConcurrently if is_postgresql else migrations.AddIndex
        adding.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Remove it."""
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        adding = AddIndexConcurrently if is_postgresql else migrations.AddIndex
        adding.database_backwards(self, app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("games", "0003_token_families")]

    operations = [
        AddIndex(
            model_name="game",
            index=models.Index(
                fields=["visibility", "-create_time", "id"],
                name="game_waiting_listed",
                condition=models.Q(state="waiting"),
            ),
        ),
        AddIndex(
            model_name="game",
            index=models.Index(
                fields=["visibility", "-start_time", "id"],
                name="game_playing_listed",
                condition=models.Q(state="in-progress"),
            ),
        ),
        AddIndex(
            model_name="game",
            index=models.Index(fields=["participant1"], name="game_unfinished_of_1", condition=UNFINISHED),
        ),
        AddIndex(
            model_name="game",
            index=models.Index(fields=["participant2"], name="game_unfinished_of_2", condition=UNFINISHED),
        ),
    ]
