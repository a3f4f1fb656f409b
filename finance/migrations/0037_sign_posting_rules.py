"""What is in force becomes the first version, from the beginning, so that no day is posted otherwise."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import migrations
from django.utils import timezone

CODE, BEGINNING = "RULES-1", date(1900, 1, 1)
SIGNATORIES = ("standard-costs", "finance-controller")
"""Names under what comes with the service; nobody signs in with them."""


def sign(apps: Any, schema_editor: Any) -> None:
    """Rerunnable. Books that are still to be set up get them with their reference data."""
    reasons = apps.get_model("finance", "ScrapReason").objects
    stages = apps.get_model("finance", "StepStage").objects
    is_set_up = apps.get_model("finance", "Entity").objects.exists()
    if not (is_set_up or reasons.exists() or stages.exists()):
        return
    preparer, approver = (_signatory(apps, name) for name in SIGNATORIES)
    signed = {"approved_by": approver, "approved_at": timezone.now()}
    rules, _ = apps.get_model("finance", "PostingRules").objects.get_or_create(
        code=CODE, defaults={"effective_on": BEGINNING, "prepared_by": preparer, **signed}
    )
    reasons.filter(rules__isnull=True).update(rules=rules)
    stages.filter(prepared_by__isnull=True).update(prepared_by=preparer, **signed)


def unsign(apps: Any, schema_editor: Any) -> None:
    """Before, there was one set of reasons and no drafts: the latest approved stays."""
    rules = apps.get_model("finance", "PostingRules").objects
    latest = rules.filter(approved_at__isnull=False).order_by("-effective_on").first()
    reasons = apps.get_model("finance", "ScrapReason").objects
    reasons.exclude(rules=latest).delete()
    reasons.update(rules=None)
    rules.all().delete()
    stages = apps.get_model("finance", "StepStage").objects
    stages.filter(approved_at__isnull=True).delete()
    stages.update(prepared_by=None, approved_by=None, approved_at=None)


def _signatory(apps: Any, username: str) -> Any:
    users = apps.get_model(settings.AUTH_USER_MODEL).objects
    defaults = {"is_active": False, "password": make_password(None)}
    return users.get_or_create(username=username, defaults=defaults)[0]


class Migration(migrations.Migration):
    dependencies = [("finance", "0036_posting_rules")]

    operations = [migrations.RunPython(sign, unsign)]
