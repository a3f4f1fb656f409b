from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NAME = "ratio_max"


def move_to_requirements(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What the one rule allowed for every product, each product's requirements allow now."""
    rule = apps.get_model("quality", "Rule").objects.filter(detector="burn-in-fallout").first()
    if rule is None or NAME not in rule.parameters:
        return
    ratio_max = min(max(float(rule.parameters.pop(NAME)), 0.0), 1.0)
    apps.get_model("testing", "BurnInRequirement").objects.update(failed_ratio_max=ratio_max)
    rule.save(update_fields=["parameters"])


class Migration(migrations.Migration):
    dependencies = [
        ("quality", "0012_control_chart_versions"),
        ("testing", "0013_burn_in_allowances"),
    ]

    operations = [migrations.RunPython(move_to_requirements, migrations.RunPython.noop)]
