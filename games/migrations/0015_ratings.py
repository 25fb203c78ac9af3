"""Ratings by speed, what each rated game did to them, and what games show of it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('games', '0014_openings'),
    ]

    operations = [
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('speed', models.CharField(max_length=14)),
                ('rating', models.FloatField()),
                ('deviation', models.FloatField()),
                ('volatility', models.FloatField()),
                ('games', models.PositiveIntegerField(default=0, help_text='Rated games at this speed that counted.')),
                ('last_game_at', models.DateTimeField(blank=True, help_text='When the newest of them ended.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='RatingChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('speed', models.CharField(max_length=14)),
                ('number', models.PositiveIntegerField(help_text="Which of the player's rated games at this speed it is, from 1.")),
                ('score', models.FloatField(help_text='1 for a win, 0.5 for a draw, 0 for a loss.')),
                ('at', models.DateTimeField(help_text='When the game ended.')),
                ('rating_before', models.FloatField()),
                ('deviation_before', models.FloatField()),
                ('volatility_before', models.FloatField()),
                ('rating', models.FloatField(verbose_name='rating after')),
                ('deviation', models.FloatField(verbose_name='deviation after')),
                ('volatility', models.FloatField(verbose_name='volatility after')),
            ],
        ),
        migrations.AddField(
            model_name='game',
            name='provisional1',
            field=models.BooleanField(blank=True, help_text='Whether that is a guess.', null=True),
        ),
        migrations.AddField(
            model_name='game',
            name='provisional2',
            field=models.BooleanField(blank=True, help_text='Whether that is a guess.', null=True),
        ),
        migrations.AddField(
            model_name='game',
            name='rated',
            field=models.BooleanField(db_default=False, default=False, help_text='Whether its outcome changes ratings.'),
        ),
        migrations.AddField(
            model_name='game',
            name='rated_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When ratings took its outcome in, or left it out.', null=True),
        ),
        migrations.AddField(
            model_name='game',
            name='rating1',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Of participant 1, before the game.', null=True),
        ),
        migrations.AddField(
            model_name='game',
            name='rating2',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Of participant 2, before the game.', null=True),
        ),
        migrations.AddField(
            model_name='game',
            name='rating_change1',
            field=models.SmallIntegerField(blank=True, help_text="What it did to participant 1's.", null=True),
        ),
        migrations.AddField(
            model_name='game',
            name='rating_change2',
            field=models.SmallIntegerField(blank=True, help_text="What it did to participant 2's.", null=True),
        ),
        migrations.AddIndex(
            model_name='game',
            index=models.Index(condition=models.Q(('rated', True), ('rated_at__isnull', True), ('state', 'finished')), fields=['end_time'], name='game_not_yet_rated'),
        ),
        migrations.AddField(
            model_name='rating',
            name='player',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='ratings', to='games.player'),
        ),
        migrations.AddField(
            model_name='ratingchange',
            name='game',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rating_changes', to='games.game'),
        ),
        migrations.AddField(
            model_name='ratingchange',
            name='player',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rating_changes', to='games.player'),
        ),
        migrations.AddIndex(
            model_name='rating',
            index=models.Index(condition=models.Q(('deviation__lte', 75.0)), fields=['speed', '-rating'], name='rating_stable'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.UniqueConstraint(fields=('player', 'speed'), name='rating_player_speed'),
        ),
        migrations.AddConstraint(
            model_name='ratingchange',
            constraint=models.UniqueConstraint(fields=('player', 'speed', 'number'), name='rating_change_number'),
        ),
        migrations.AddConstraint(
            model_name='ratingchange',
            constraint=models.UniqueConstraint(fields=('game', 'player'), name='rating_change_game_player'),
        ),
    ]
