import django.db.models.deletion
import django.db.models.functions.datetime
import testing.domain.words
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("testing", "0003_count_lot_steps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ConflictDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("open", "Open"), ("same", "Same"), ("different", "Different")],
                        max_length=16,
                    ),
                ),
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
                    "conflict",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="testing.identityconflict",
                    ),
                ),
            ],
            options={
                "ordering": ["conflict", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("verdict", testing.domain.words.ConflictVerdict["OPEN"]),
                                _negated=True,
                            ),
                            models.Q(("reason", ""), _negated=True),
                        ),
                        name="testing_decision_says_why",
                    )
                ],
            },
        ),
    ]
