"""What the rules of a product say, and which lot a lot was split from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.db import connection
from django.db.models import Q

from lots.domain.words import MergeAttribute
from lots.models import Lot, MergeRule, Product

SPLITS_MAX = 100
ALWAYS = MergeAttribute.UNIT_OF_MEASURE
"""What is counted in different units makes no sum, whatever a rule says."""

_SQL = Path(__file__).resolve().parent.parent / "sql"
_SPLIT_FROM = (_SQL / "lots_split_from.sql").read_text()
_FAMILIES = (_SQL / "lots_families.sql").read_text()


def merge_attributes(product: Product) -> tuple[MergeAttribute, ...]:
    """What lots of the product must have alike to merge; a rule of its own beats the general."""
    rules = MergeRule.objects.filter(Q(product=None) | Q(product=product))
    general_first = sorted(rules, key=lambda rule: rule.product_id is not None)
    said = {rule.attribute: rule.is_required for rule in general_first}
    return tuple(name for name in MergeAttribute if name == ALWAYS or said.get(name))


def split_ancestors(lot: Lot) -> tuple[int, ...]:
    """Ids of the lot and of those it was split from, the nearest first."""
    return split_ancestors_of([lot.pk])[lot.pk]


def split_ancestors_of(lot_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Lot → ids of it and of those it was split from, the nearest first; in one query."""
    found: dict[int, tuple[int, ...]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SPLIT_FROM, {"lots": list(lot_ids), "depth_max": SPLITS_MAX})
        for given_id, lot_id, _ in cursor.fetchall():
            found[given_id] = (*found.get(given_id, ()), lot_id)
    return found


def families_of(lot_ids: Sequence[int]) -> dict[int, str]:
    """Lot → the code of the lot that it, in the end, was split or binned off from; in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILIES, {"lots": list(lot_ids), "depth_max": SPLITS_MAX})
        return dict(cursor.fetchall())
