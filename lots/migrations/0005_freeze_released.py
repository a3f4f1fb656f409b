from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("lots", "0004_guard_verbs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="bill",
            options={
                "ordering": ["product", "-version"],
                "permissions": [("release_bill", "Can release and retire bills of materials")],
                "verbose_name": "bill of materials",
                "verbose_name_plural": "bills of materials",
            },
        ),
        migrations.AlterModelOptions(
            name="routeversion",
            options={
                "ordering": ["route", "-version"],
                "permissions": [("release_routeversion", "Can release and retire route versions")],
            },
        ),
        migrations.AddField(
            model_name="bill",
            name="note",
            field=models.TextField(
                blank=True, help_text="What changed against the version before."
            ),
        ),
        migrations.AddField(
            model_name="bill",
            name="prepared_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="bill",
            name="released_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("released_by__isnull", True),
                    models.Q(("released_by", models.F("prepared_by")), _negated=True),
                    _connector="OR",
                ),
                name="lots_bill_two_people",
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="revoked_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL((SQL / "step_rules_v1.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(
            (SQL / "frozen_routes_v1.sql").read_text(),
            (SQL / "frozen_routes_v1_undo.sql").read_text(),
        ),
        migrations.RunSQL(
            (SQL / "frozen_waivers_v1.sql").read_text(),
            (SQL / "frozen_waivers_v1_undo.sql").read_text(),
        ),
    ]
