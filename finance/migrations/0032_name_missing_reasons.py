"""The reasons that come with the service for units that are not there say so, where books are kept."""

from typing import Any

from django.db import migrations

MISSING = {
    "missing": "Counted and not there.",
    "lost-in-transit": "Lost on its way between companies.",
}


def name_missing(apps: Any, schema_editor: Any) -> None:
    """Rerunnable. Books that are still to be set up get them with their reference data."""
    reasons = apps.get_model("finance", "ScrapReason").objects
    if not reasons.exists():
        return
    for reason, comment in MISSING.items():
        row, _ = reasons.get_or_create(
            reason=reason, defaults={"is_normal": False, "comment": comment}
        )
        row.is_missing = True
        row.save(update_fields=["is_missing"])


def forget_missing(apps: Any, schema_editor: Any) -> None:
    """Before, every row was normal."""
    apps.get_model("finance", "ScrapReason").objects.filter(is_normal=False).delete()


class Migration(migrations.Migration):
    dependencies = [("finance", "0031_scrap_reasons_of_missing")]

    operations = [migrations.RunPython(name_missing, forget_missing)]
