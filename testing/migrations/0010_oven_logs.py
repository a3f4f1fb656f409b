import django.db.models.deletion
import django.db.models.functions.datetime
import testing.models.burnin
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("testing", "0009_programs_released_by_two"),
    ]

    operations = [
        migrations.AddField(
            model_name="burninrequirement",
            name="read_point_hours",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="As [24, 48]: proven hours of each read point.",
                validators=[testing.models.burnin.validate_hours],
            ),
        ),
        migrations.CreateModel(
            name="BurnInRecount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hours_before", models.FloatField()),
                ("hours", models.FloatField()),
                (
                    "unit_count",
                    models.PositiveIntegerField(help_text="Units whose hours changed with it."),
                ),
                ("source_sha256", models.CharField(max_length=64)),
                ("source_name", models.CharField(max_length=255)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recounts",
                        to="testing.burninrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "burn-in recount",
                "ordering": ["run", "id"],
            },
        ),
        migrations.CreateModel(
            name="OvenReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "quantity",
                    models.CharField(
                        choices=[("temperature", "Temperature"), ("voltage", "Voltage")],
                        max_length=16,
                    ),
                ),
                ("measured_at", models.DateTimeField()),
                ("value", models.FloatField(null=True)),
                ("source_sha256", models.CharField(max_length=64)),
                (
                    "oven",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="oven_readings",
                        to="testing.equipment",
                    ),
                ),
            ],
            options={
                "verbose_name": "oven reading",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("oven", "quantity", "measured_at", "value"),
                        name="testing_oven_reading_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
