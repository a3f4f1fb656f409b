"""Rules and signatures that a first start brings; what stands is never changed by it."""

from __future__ import annotations

import json
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import transaction

from notices.domain.words import Severity
from quality.models import RequiredSignature, Rule

FOLDER = Path(__file__).resolve().parent.parent / "reference"


@transaction.atomic
def load_reference() -> None:
    """Add rules that are absent, and who signs the kinds of disposition that nobody signs."""
    for row in json.loads((FOLDER / "rules.json").read_text(encoding="utf-8")):
        Rule.objects.get_or_create(detector=row["detector"], defaults=row)
    _load_signatures()


def _load_signatures() -> None:
    """Roles are made by name here; what they may do is loaded behind, with the roles."""
    known = set(RequiredSignature.objects.values_list("kind", flat=True))
    for row in json.loads((FOLDER / "signatures.json").read_text(encoding="utf-8")):
        if row["kind"] not in known:
            role, _ = Group.objects.get_or_create(name=row["role"])
            RequiredSignature.objects.create(**{**row, "role": role})


def ensure_rule(*, detector: str, description: str) -> Rule:
    """The rule of a detector; made with plain settings when a room brings a new one."""
    rule, _ = Rule.objects.get_or_create(
        detector=detector,
        defaults={
            "code": detector,
            "name": detector.replace("-", " ").capitalize(),
            "description": description,
            "severity": Severity.MAJOR,
        },
    )
    return rule
