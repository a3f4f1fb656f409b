"""Every reason belongs to a version, in which it is named once; every stage has its preparer."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0037_sign_posting_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="scrapreason",
            options={"ordering": ["rules", "reason"], "verbose_name": "scrap reason"},
        ),
        migrations.AlterField(
            model_name="scrapreason",
            name="rules",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reasons",
                to="finance.postingrules",
            ),
        ),
        migrations.AlterField(
            model_name="scrapreason",
            name="reason",
            field=models.CharField(max_length=64),
        ),
        migrations.AddConstraint(
            model_name="scrapreason",
            constraint=models.UniqueConstraint(
                fields=("rules", "reason"), name="finance_scrapreason_once"
            ),
        ),
        migrations.AlterField(
            model_name="stepstage",
            name="prepared_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="stepstage",
            constraint=models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("prepared_by")),
                name="finance_stepstage_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="stepstage",
            constraint=models.CheckConstraint(
                condition=models.Q(approved_at__isnull=True, approved_by__isnull=True)
                | models.Q(approved_at__isnull=False, approved_by__isnull=False),
                name="finance_stepstage_approval_whole",
            ),
        ),
    ]
