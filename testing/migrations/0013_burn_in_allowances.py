import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lots", "0021_tell_when_uses_grew"),
        ("testing", "0012_limits_of_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="burninrequirement",
            name="failed_ratio_max",
            field=models.FloatField(
                default=0.05,
                help_text="Of the units submitted, 0 to 1, that burn-in may cost a lot (PDA).",
                validators=[
                    django.core.validators.MinValueValidator(0.0),
                    django.core.validators.MaxValueValidator(1.0),
                ],
            ),
        ),
        migrations.AddField(
            model_name="burninrequirement",
            name="step_code",
            field=models.CharField(blank=True, help_text="Empty: any burn-in step.", max_length=32),
        ),
        migrations.AddConstraint(
            model_name="burninrequirement",
            constraint=models.CheckConstraint(
                condition=models.Q(("failed_ratio_max__gte", 0), ("failed_ratio_max__lte", 1)),
                name="testing_burnin_requirement_share",
            ),
        ),
    ]
