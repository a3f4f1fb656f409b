from django.db import migrations


class Migration(migrations.Migration):
    """What was not found any more before the column was there."""

    dependencies = [("quality", "0015_merge_issues")]

    operations = [
        migrations.RunSQL(
            sql="UPDATE quality_issue SET is_found = FALSE WHERE cleared_at IS NOT NULL",
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
