"""Configuration that a first start brings; what stands is never changed by it."""

from __future__ import annotations

import json
from pathlib import Path

from django.db import transaction

from lots.models import Product
from testing.models import BurnInRequirement

FOLDER = Path(__file__).resolve().parent.parent / "reference"


@transaction.atomic
def load_reference() -> None:
    """Add burn-in requirements that are absent. Needs the products of lots."""
    for row in json.loads((FOLDER / "burn_in.json").read_text(encoding="utf-8")):
        product = Product.objects.get(code=row.pop("product"))
        version = row.pop("version")
        BurnInRequirement.objects.get_or_create(product=product, version=version, defaults=row)
