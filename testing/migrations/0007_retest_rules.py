import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lots", "0007_return_waivers"),
        ("testing", "0006_append_only_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="lotstep",
            options={
                "permissions": [("restate_lotstep", "Can change the retest policy of lot steps")]
            },
        ),
        migrations.AddField(
            model_name="restatement",
            name="reason",
            field=models.TextField(blank=True),
        ),
        migrations.CreateModel(
            name="RetestRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step_code", models.CharField(max_length=32)),
                (
                    "policy",
                    models.CharField(
                        choices=[
                            ("last-v1", "Last v1"),
                            ("best-v1", "Best v1"),
                            ("flagged-v1", "Flagged v1"),
                        ],
                        max_length=16,
                    ),
                ),
                ("valid_from", models.DateTimeField()),
                ("reason", models.TextField()),
                (
                    "prepared_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retest_rules",
                        to="lots.product",
                    ),
                ),
            ],
            options={
                "ordering": ["product", "step_code", "-valid_from"],
                "permissions": [("approve_retestrule", "Can approve retest rules")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("product", "step_code", "valid_from"),
                        name="testing_retestrule_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="testing_retestrule_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                            models.Q(
                                ("approved_at__isnull", False), ("approved_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="testing_retestrule_approved_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="testing_retestrule_says_why",
                    ),
                ],
            },
        ),
    ]
