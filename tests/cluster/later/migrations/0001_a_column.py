"""A column more."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """See the module's text."""

    operations: ClassVar = [
        migrations.RunSQL("ALTER TABLE games_game ADD COLUMN of_a_test integer", migrations.RunSQL.noop),
    ]
