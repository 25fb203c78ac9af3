"""One log of all changes of games, in place of a table of moves and an offer beside.

All that was known of a game becomes its log: the start, the discs, an end by anything but a disc, an offer of a rematch
that stands, the rematch. What was never stored (who accepted a rematch, when an offer was made) is left out, or takes
the nearest time that is known.
"""

from typing import Any

import django.db.models.deletion
import games.models
from django.db import migrations, models

# A rematch may be stored with another time than the end of the game before, by the clocks of two processes.
FILL = """
INSERT INTO games_change (game_id, number, kind, seat, "column", at, body)
SELECT game_id, number, kind, seat, "column", at, body FROM (
    SELECT id AS game_id, 1 AS number, 'join' AS kind, 2 AS seat, NULL AS "column", start_time AS at, '' AS body
    FROM games_game WHERE start_time IS NOT NULL
    UNION ALL
    SELECT m.game_id, m.ply + 1, 'move', CASE WHEN m.ply % 2 = 1 THEN g.first_move ELSE 3 - g.first_move END,
        m."column", m.played_at, ''
    FROM games_move AS m JOIN games_game AS g ON g.id = m.game_id
    UNION ALL
    SELECT g.id, g.moves + 1, 'end', CASE WHEN g.reason = 'resignation' THEN 3 - g.winner END, NULL, g.end_time,
        '{"winner":' || COALESCE(CAST(g.winner AS text), 'null') || ',"reason":"' || g.reason || '"}'
    FROM counted AS g WHERE g.reason NOT IN ('', 'four_in_a_row', 'board_full')
    UNION ALL
    SELECT g.id, g.last + 1, 'rematch_offer', g.rematch_offered_by, NULL, g.end_time, ''
    FROM counted AS g WHERE g.rematch_offered_by IS NOT NULL AND g.end_time IS NOT NULL
    UNION ALL
    SELECT g.id, g.last + 1 + CASE WHEN g.rematch_offered_by IS NULL THEN 0 ELSE 1 END, 'rematch', NULL, NULL,
        r.create_time, '{"game":"' || r.id || '"}'
    FROM games_game AS r JOIN counted AS g ON g.id = r.rematch_of_id
) AS log
ORDER BY at
"""
COUNTED = """
WITH started AS (
    SELECT g.*, CASE WHEN g.start_time IS NULL THEN 0 ELSE 1 END
        + COALESCE((SELECT MAX(m.ply) FROM games_move AS m WHERE m.game_id = g.id), 0) AS moves
    FROM games_game AS g
), counted AS (
    SELECT started.*,
        moves + CASE WHEN reason IN ('', 'four_in_a_row', 'board_full') THEN 0 ELSE 1 END AS last
    FROM started
)
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """All rows of the log, in one statement."""
    connection = schema_editor.connection
    statement = FILL.replace("INSERT INTO games_change", f"{COUNTED}INSERT INTO games_change")
    if connection.vendor == "postgresql":
        # Else the tables could not be altered in this transaction, for the foreign keys that are still to be checked.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        statement = statement.replace('NULL AS "column"', 'NULL::smallint AS "column"')
    with connection.cursor() as cursor:
        cursor.execute(statement)


class Migration(migrations.Migration):
    needs_stop = True
    """A process of the release before would write where nobody reads any more."""

    dependencies = [("games", "0006_due_games")]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.SmallIntegerField(help_text="The place in the game's log, counted from 1.")),
                ("kind", models.CharField(max_length=20)),
                ("seat", models.SmallIntegerField(blank=True, choices=[(1, "participant 1"), (2, "participant 2")],
                                                  help_text="Whose doing it is.", null=True)),
                ("column", models.SmallIntegerField(blank=True, help_text="Of a disc, counted from 0.", null=True)),
                ("at", models.DateTimeField()),
                ("body", models.TextField(blank=True, default="", help_text="All else, as JSON.")),
                ("game", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT,
                                           related_name="changes", to="games.game")),
            ],
            options={
                "ordering": ["game", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("game", "number"), name="change_game_number"),
                    models.CheckConstraint(condition=models.Q(("column__gte", 0), ("column__lt", 7)),
                                           name="change_column_in_range"),
                ],
            },
        ),
        migrations.RunPython(fill),
        migrations.DeleteModel(name="Move"),
        migrations.CreateModel(
            name="Move",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("games.change",),
        ),
        migrations.RemoveField(model_name="game", name="rematch_offered_by"),
        migrations.AddField(
            model_name="player",
            name="renamed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True,
                                       help_text="When the name was changed last: processes ask for new names."),
        ),
        migrations.AddIndex(
            model_name="player",
            index=models.Index(condition=models.Q(("renamed_at__isnull", False)), fields=["renamed_at"],
                               name="player_renamed"),
        ),
    ]  # fmt: skip
