"""Who has blocked whom; and reports of people, which wait for a moderator."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('games', '0015_ratings'),
        ('lobby', "0008_ratings_of_seeks"),
    ]

    operations = [
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('blocked', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocked_by', to='games.player')),
                ('blocker', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='games.player')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('blocker', 'blocked'), name='block_once'), models.CheckConstraint(condition=models.Q(('blocker', models.F('blocked')), _negated=True), name='block_another')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('cheating', 'Uses a computer'), ('rude', 'Insults, or an insulting name'), ('stalling', 'Lets time run, or leaves games'), ('other', 'Something else')], max_length=10)),
                ('text', models.CharField(blank=True, default='', max_length=500)),
                ('at', models.DateTimeField()),
                ('verdict', models.CharField(blank=True, choices=[('acted', 'acted upon'), ('dismissed', 'dismissed')], default='', max_length=10)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('game', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='games.game')),
                ('reported', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='games.player')),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports_made', to='games.player')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['-at'], name='report_open')],
            },
        ),
    ]
