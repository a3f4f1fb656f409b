from django.db import migrations

FILL = """
    UPDATE operations_recallcase AS listed
    SET listed_count = counted.listed, open_count = counted.exposed
    FROM (
        SELECT item.case_id, COUNT(*) AS listed, COUNT(*) FILTER (WHERE item.settled_at IS NULL) AS exposed
        FROM operations_recallitem AS item
        GROUP BY item.case_id
    ) AS counted
    WHERE listed.id = counted.case_id
"""


class Migration(migrations.Migration):
    dependencies = [("operations", "0005_count_recall_items")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
