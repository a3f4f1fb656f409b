"""Rules that a first start brings; what stands is never changed by it."""

from __future__ import annotations

import json
from pathlib import Path

from django.db import transaction

from quality.domain.words import Severity
from quality.models import Rule

FOLDER = Path(__file__).resolve().parent.parent / "reference"


@transaction.atomic
def load_reference() -> None:
    """Add rules that are absent."""
    for row in json.loads((FOLDER / "rules.json").read_text(encoding="utf-8")):
        Rule.objects.get_or_create(detector=row["detector"], defaults=row)


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
