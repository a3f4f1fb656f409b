"""Releases that were made by one person stand; every later one is by two."""

import django.db.models.deletion
import testing.domain.words
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("testing", "0008_frozen_retest_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="programrevision",
            name="prepared_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="programrevision",
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
            model_name="programrevision",
            name="release_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="programrevision",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="programrevision",
            name="retired_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        AddConstraintNotValid(
            model_name="programrevision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", testing.domain.words.ReleaseState["RELEASED"]), _negated=True
                    ),
                    models.Q(
                        models.Q(("prepared_by__isnull", False), ("released_by__isnull", False)),
                        models.Q(("prepared_by", models.F("released_by")), _negated=True),
                        models.Q(("release_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="testing_revision_released_by_two",
            ),
        ),
    ]
