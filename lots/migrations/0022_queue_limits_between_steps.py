from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models


SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("lots", "0021_tell_when_uses_grew"),
    ]

    operations = [
        migrations.CreateModel(
            name="QueueLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hours_max", models.FloatField()),
                (
                    "from_step",
                    models.ForeignKey(
                        help_text="Counted from its end.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queue_limits_from",
                        to="lots.step",
                    ),
                ),
                (
                    "route_version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queue_limits",
                        to="lots.routeversion",
                    ),
                ),
                (
                    "to_step",
                    models.ForeignKey(
                        help_text="Its work must begin in time.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queue_limits_to",
                        to="lots.step",
                    ),
                ),
            ],
            options={
                "verbose_name": "queue-time limit between steps",
                "verbose_name_plural": "queue-time limits between steps",
                "ordering": ["route_version", "from_step__sequence", "to_step__sequence"],
            },
        ),
        migrations.CreateModel(
            name="QueueClock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                (
                    "carried_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lots.event",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lots.event",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queue_clocks",
                        to="lots.lot",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lots.event",
                    ),
                ),
                (
                    "limit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clocks",
                        to="lots.queuelimit",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddConstraint(
            model_name="queuelimit",
            constraint=models.UniqueConstraint(
                fields=("route_version", "from_step", "to_step"), name="lots_queuelimit_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="queuelimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_max__gt", 0)), name="lots_queuelimit_hours"
            ),
        ),
        migrations.RunSQL(
            (SQL / "queue_limits_v1.sql").read_text(),
            (SQL / "queue_limits_v1_undo.sql").read_text(),
        ),
    ]
