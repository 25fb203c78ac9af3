"""When a game has to be looked at though nobody asks for it; for all that are unfinished, from their beginnings."""

from datetime import timedelta
from typing import Any

from django.db import migrations, models
from django.db.models import F


def fill(apps: Any, schema_editor: Any) -> None:
    """A lower bound is enough: whoever looks puts the time off where a move came later."""
    games = apps.get_model("games", "Game").objects.using(schema_editor.connection.alias)
    games.filter(state="waiting").update(due_at=F("create_time") + timedelta(days=1))
    games.filter(state="in-progress").update(due_at=F("start_time") + timedelta(days=7))


class Migration(migrations.Migration):
    dependencies = [("games", "0005_longer_ids")]

    operations = [
        migrations.AddField(
            model_name="game",
            name="due_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True,
                help_text="No earlier than this it ends because nobody is there.",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="game",
            index=models.Index(
                condition=models.Q(("state", "finished"), _negated=True), fields=["due_at"], name="game_due"
            ),
        ),
    ]
