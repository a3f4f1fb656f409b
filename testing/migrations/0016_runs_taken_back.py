from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("testing", "0015_first_runs_state"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="source_sha256",
            field=models.CharField(max_length=64),
        ),
        migrations.AddField(
            model_name="run",
            name="edition",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="run",
            name="is_withdrawn",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="run",
            name="key",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(edition=1, then=models.F("source_sha256")),
                    default=django.db.models.functions.text.Concat(
                        "source_sha256",
                        models.Value("-"),
                        django.db.models.functions.comparison.Cast("edition", models.CharField()),
                    ),
                    output_field=models.CharField(max_length=72),
                ),
                output_field=models.CharField(max_length=72),
                unique=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                fields=("source_sha256", "edition"), name="testing_run_edition_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_withdrawn", False)),
                fields=("source_sha256",),
                name="testing_run_one_stands",
            ),
        ),
        migrations.AlterField(
            model_name="restatement",
            name="cause",
            field=models.CharField(
                choices=[
                    ("first", "First"),
                    ("more", "More"),
                    ("late", "Late"),
                    ("repair", "Repair"),
                    ("copy", "Copy"),
                    ("policy", "Policy"),
                    ("identity", "Identity"),
                    ("taken-back", "Taken back"),
                    ("matched-anew", "Matched anew"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="RunWithdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("op_key", models.CharField(max_length=200, unique=True)),
                ("asked_sha256", models.CharField(max_length=64)),
                ("reason", models.TextField()),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="testing.run",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="testing_withdrawal_says_why",
                    )
                ],
            },
        ),
        migrations.RunSQL(
            (SQL / "withdrawals_v1.sql").read_text(), (SQL / "withdrawals_v1_drop.sql").read_text()
        ),
    ]
