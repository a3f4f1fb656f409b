from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quality", "0022_guard_withdrawn_files")]

    operations = [
        migrations.AddField(
            model_name="yieldfigure",
            name="interval_method",
            field=models.CharField(db_default="wilson-v1", default="wilson-v1", max_length=24),
        ),
    ]
