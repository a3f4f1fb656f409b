"""Reasons of scrap stand in versions, and stages of steps are prepared and approved."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def signed_by(related: str = "+") -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        django.db.models.deletion.PROTECT,
        null=True,
        blank=True,
        related_name=related,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0035_reconciliation_of_closes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PostingRules",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=32, unique=True)),
                (
                    "effective_on",
                    models.DateField(help_text="First plant day they apply to."),
                ),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approved_by", signed_by()),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "posting rules",
                "verbose_name_plural": "posting rules",
                "ordering": ["-effective_on", "-id"],
                "permissions": [("approve_postingrules", "Can approve posting rules")],
            },
        ),
        migrations.AddConstraint(
            model_name="postingrules",
            constraint=models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("prepared_by")),
                name="finance_postingrules_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="postingrules",
            constraint=models.CheckConstraint(
                condition=models.Q(approved_at__isnull=True, approved_by__isnull=True)
                | models.Q(approved_at__isnull=False, approved_by__isnull=False),
                name="finance_postingrules_approval_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="postingrules",
            constraint=models.UniqueConstraint(
                condition=models.Q(approved_at__isnull=False),
                fields=("effective_on",),
                name="finance_postingrules_one_a_day",
            ),
        ),
        migrations.AlterModelOptions(
            name="stepstage",
            options={
                "ordering": ["step", "unit_of_measure"],
                "permissions": [("approve_stepstage", "Can approve stages of steps")],
                "verbose_name": "stage of a step",
                "verbose_name_plural": "stages of steps",
            },
        ),
        migrations.AddField("stepstage", "prepared_by", signed_by()),
        migrations.AddField("stepstage", "approved_by", signed_by()),
        migrations.AddField(
            "stepstage", "approved_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="scrapreason",
            name="rules",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reasons",
                to="finance.postingrules",
            ),
        ),
    ]
