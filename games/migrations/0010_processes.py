"""Which processes are alive, and which of them has a timed game live."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("games", "0009_time_controls")]

    operations = [
        migrations.CreateModel(
            name="Process",
            fields=[
                ("id", models.CharField(editable=False, max_length=32, primary_key=True, serialize=False)),
                ("seen_at", models.DateTimeField()),
                ("ended", models.BooleanField(default=False)),
            ],
            options={"verbose_name_plural": "processes"},
        ),
        migrations.AddField(
            model_name="game",
            name="held_by",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=32,
                help_text="The process that has a timed game live, and flags it.",
            ),
        ),
    ]  # fmt: skip
