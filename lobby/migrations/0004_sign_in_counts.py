from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lobby', '0003_user_sign_outs'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignInCount',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('failures', models.FloatField()),
                ('counted_at', models.FloatField(db_index=True, verbose_name='counted at, in seconds since 1970')),
            ],
        ),
    ]
