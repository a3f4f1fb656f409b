from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("testing", "0019_summaries_by_head_and_more_quantiles")]

    operations = [
        migrations.RunSQL((SQL / "summary_heads_v1.sql").read_text(), migrations.RunSQL.noop)
    ]
