"""Game IDs of up to eight characters.

SQLite never minded the length. PostgreSQL widens a column by a line in its catalogue; altered as Django does it, the
foreign keys would be dropped and checked anew over all moves there are.
"""

from typing import Any

from django.db import migrations, models

COLUMNS = [("games_game", "id"), ("games_game", "rematch_of_id"), ("games_move", "game_id")]


def widen(apps: Any, schema_editor: Any) -> None:
    """All columns that hold an ID."""
    if schema_editor.connection.vendor == "postgresql":
        for table, column in COLUMNS:
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar(8)")


class Migration(migrations.Migration):
    dependencies = [("games", "0004_lists_in_bounded_looks")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(widen, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="game",
                    name="id",
                    field=models.CharField(editable=False, max_length=8, primary_key=True, serialize=False),
                ),
            ],
        ),
    ]
