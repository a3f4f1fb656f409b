import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import operations.domain.words


class Migration(migrations.Migration):
    dependencies = [
        ("lots", "0003_lot_execution"),
        ("operations", "0002_check_jobs_before_they_run"),
        ("racks", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "recallcase",
            "opened_at_seq",
            models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField("recallcase", "conclusion", models.TextField(blank=True, default="")),
        migrations.AlterField("recallcase", "conclusion", models.TextField(blank=True)),
        migrations.AddField(
            "recallitem",
            "kind",
            models.CharField(default="", help_text="What is counted.", max_length=16),
            preserve_default=False,
        ),
        migrations.AddField(
            "recallitem",
            "joined_seq",
            models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            "recallitem",
            "rack",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="racks.rack",
            ),
        ),
        migrations.AddField(
            "recallitem",
            "ultraserver",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="lots.unit",
            ),
        ),
        migrations.AddConstraint(
            "recallcase",
            models.CheckConstraint(
                condition=models.Q(
                    state=operations.domain.words.CaseState.OPEN,
                    closed_at__isnull=True,
                    conclusion="",
                )
                | (
                    models.Q(state=operations.domain.words.CaseState.OPEN, _negated=True)
                    & models.Q(closed_at__isnull=False)
                    & models.Q(conclusion="", _negated=True)
                ),
                name="operations_recallcase_end_whole",
            ),
        ),
    ]
