import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lobby', '0004_sign_in_counts'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='email_verified_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When somebody proved to read its letters.', null=True, verbose_name='e-mail verified'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(django.db.models.functions.text.Lower('email'), name='user_email_any_case'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), condition=models.Q(('email_verified_at__isnull', False), models.Q(('email', ''), _negated=True)), name='user_verified_email_any_case', violation_error_message='Another account has verified that address.'),
        ),
    ]
