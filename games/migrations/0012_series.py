"""Games and their rematches are series, with a score: also those that there are."""

import django.db.models.deletion
from django.db import migrations, models


def fill(apps, schema_editor):
    """Number the rematches that there are, each after the game that it follows."""
    game_model = apps.get_model("games", "Game")
    games = game_model.objects.using(schema_editor.connection.alias)
    rematches = games.filter(rematch_of__isnull=False).order_by("create_time").values_list("pk", "rematch_of")
    previous_ids = dict(rematches)
    fields = ("pk", "winner", "reason", "series_id", "series_number", "half_points1", "half_points2")
    for game_id in _in_order(previous_ids):
        before = games.only(*fields).get(pk=previous_ids[game_id])
        first, second = _half_points(before.winner, before.reason)
        games.filter(pk=game_id).update(
            series_id=before.series_id or before.pk, series_number=before.series_number + 1,
            half_points1=before.half_points2 + second, half_points2=before.half_points1 + first,
        )  # fmt: skip


def _in_order(previous_ids):
    """Each rematch after the one that it follows, also where clocks were wrong."""
    numbered = set()
    for game_id in previous_ids:
        chain = []
        while game_id in previous_ids and game_id not in numbered:
            numbered.add(game_id)
            chain.append(game_id)
            game_id = previous_ids[game_id]
        yield from reversed(chain)


def _half_points(winner, reason):
    if reason == "aborted":
        return 0, 0
    return {None: (1, 1), 1: (2, 0), 2: (0, 2)}[winner]


class Migration(migrations.Migration):
    dependencies = [("games", "0011_kinds_of_players")]

    operations = [
        migrations.AddField(
            model_name="game",
            name="series",
            field=models.ForeignKey(
                blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name="following", to="games.game",
                help_text="The first game of the series, of all but that game itself.",
            ),
        ),
        migrations.AddField(
            model_name="game",
            name="series_number",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="game",
            name="half_points1",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="Of participant 1, from the games of the series before this one."
            ),
        ),
        migrations.AddField(
            model_name="game",
            name="half_points2",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="game",
            index=models.Index(
                condition=models.Q(("series__isnull", False)), fields=["series", "series_number"], name="game_series"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]  # fmt: skip
