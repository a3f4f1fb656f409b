from django.db import migrations

KEEP = """
INSERT INTO testing_conflictdecision (conflict_id, verdict, reason, actor_id, recorded_at)
SELECT id, verdict, COALESCE(NULLIF(reason, ''), 'not recorded'), decided_by_id, decided_at
FROM testing_identityconflict
WHERE verdict <> 'open'
"""


class Migration(migrations.Migration):
    dependencies = [("testing", "0004_conflict_decisions")]

    operations = [migrations.RunSQL(KEEP, migrations.RunSQL.noop)]
