import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lots", "0032_guard_products"),
        ("quality", "0023_interval_methods"),
        ("testing", "0023_board_layouts"),
    ]

    operations = [
        migrations.AddField(
            model_name="limitlot",
            name="lot",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="lots.lot",
            ),
        ),
        migrations.AddField(
            model_name="limitlot",
            name="started_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="limitlot",
            name="value",
            field=models.FloatField(null=True),
        ),
        migrations.AlterField(
            model_name="limitlot",
            name="lot_step",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="testing.lotstep",
            ),
        ),
        migrations.AlterField(
            model_name="limitversion",
            name="subject",
            field=models.CharField(
                blank=True, help_text="Yield, bin, test or figure.", max_length=300
            ),
        ),
        migrations.AddConstraint(
            model_name="limitlot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lot_step__isnull", False),
                    models.Q(("lot__isnull", False), ("started_at__isnull", False)),
                    _connector="OR",
                ),
                name="quality_limitlot_names_lot",
            ),
        ),
    ]
