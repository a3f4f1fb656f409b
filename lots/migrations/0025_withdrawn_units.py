import lots.domain.words
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lots", "0024_guard_lineage"),
    ]

    operations = [
        migrations.AddField(
            model_name="wafer",
            name="is_withdrawn",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="lot",
            name="state",
            field=models.CharField(
                choices=[
                    ("active", "Active"),
                    ("banked", "Banked"),
                    ("shipped", "Shipped"),
                    ("finished", "Finished"),
                    ("scrapped", "Scrapped"),
                    ("withdrawn", "Withdrawn"),
                ],
                default=lots.domain.words.LotState["ACTIVE"],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="unit",
            name="state",
            field=models.CharField(
                choices=[
                    ("good", "Good"),
                    ("reject", "Reject"),
                    ("missing", "Missing"),
                    ("scrapped", "Scrapped"),
                    ("withdrawn", "Withdrawn"),
                ],
                default=lots.domain.words.UnitState["GOOD"],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", lots.domain.words.UnitState["WITHDRAWN"]), _negated=True),
                    ("lot__isnull", True),
                    _connector="OR",
                ),
                name="lots_unit_withdrawn_is_in_no_lot",
            ),
        ),
        migrations.AddConstraint(
            model_name="wafer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_withdrawn", False),
                    models.Q(("is_diced", False), ("is_scrapped", True)),
                    _connector="OR",
                ),
                name="lots_wafer_withdrawn_is_gone",
            ),
        ),
    ]
