from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def try_once_more(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Rows parked before say not by what they are woken; another try finds that."""
    rows = apps.get_model("intake", "FeedRow").objects.filter(state="waiting")
    rows.exclude(progress="").update(progress="woken")


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_parked_rows_name_what_wakes_them")]

    operations = [migrations.RunPython(try_once_more, migrations.RunPython.noop, elidable=True)]
