from django.db import migrations, models

import operations.domain.words

MISSING = operations.domain.words.Place.MISSING


class Migration(migrations.Migration):
    dependencies = [("operations", "0003_follow_recall_items")]

    operations = [
        migrations.RemoveConstraint(model_name="recallitem", name="operations_recallitem_lot_once"),
        migrations.AlterField(
            model_name="recallitem",
            name="place",
            field=models.CharField(
                choices=[
                    ("wip", "Wip"),
                    ("bank", "Bank"),
                    ("shipped", "Shipped"),
                    ("finished", "Finished"),
                    ("installed", "Installed"),
                    ("deployed", "Deployed"),
                    ("missing", "Missing"),
                    ("scrapped", "Scrapped"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="recallitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(unit__isnull=True) & ~models.Q(place=MISSING),
                fields=("case", "lot"),
                name="operations_recallitem_lot_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="recallitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(unit__isnull=True, place=MISSING),
                fields=("case", "lot"),
                name="operations_recallitem_lot_missing_once",
            ),
        ),
    ]
