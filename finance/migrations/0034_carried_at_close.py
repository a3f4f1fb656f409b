"""A close keeps what every bucket held at its end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0033_events_of_days_ahead"),
    ]

    operations = [
        migrations.AddField(
            model_name="periodclose",
            name="carried",
            field=models.JSONField(editable=False, null=True),
        ),
    ]
