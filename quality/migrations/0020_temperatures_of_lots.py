from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OF_RUNS = {"runs_min": 6, "window_runs": 20}
OF_LOTS = {"lots_min": 6, "window_lots": 10}


def count_lots(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Wrong temperature is measured by lots before; what was set of runs says nothing of lots."""
    _exchange(apps, OF_RUNS, OF_LOTS)


def count_runs(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _exchange(apps, OF_LOTS, OF_RUNS)


def _exchange(apps: Apps, old: dict[str, int], new: dict[str, int]) -> None:
    for rule in apps.get_model("quality", "Rule").objects.filter(detector="wrong-temperature"):
        kept = {name: value for name, value in rule.parameters.items() if name not in old}
        rule.parameters = {**kept, **new}
        rule.save(update_fields=["parameters"])


class Migration(migrations.Migration):
    dependencies = [("quality", "0019_false_discovery")]

    operations = [migrations.RunPython(count_lots, count_runs)]
