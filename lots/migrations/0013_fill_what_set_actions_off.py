from django.db import migrations

# The key of what an action did is action:<its id>:<seq of the event that set it off>.
FILL = """
UPDATE lots_futureaction AS action
SET set_off_by_id = cause.id
FROM lots_event AS done
JOIN lots_event AS cause ON cause.seq = split_part(done.op_key, ':', 3)::bigint
WHERE done.id = action.event_id AND done.op_key LIKE 'action:%'
"""


class Migration(migrations.Migration):
    dependencies = [("lots", "0012_actions_know_what_set_them_off")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
