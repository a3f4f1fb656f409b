"""What racks hold that they should not, and what they lack."""

from __future__ import annotations

from datetime import datetime

from django.db.models import CharField, Count, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from lots.domain.words import UnitKind
from quality.domain.partial import first_of, resting_on
from racks.models import Placement, RackContent, RackPlacement

COMPARED = (UnitKind.PACKAGE, UnitKind.SLED, UnitKind.SERVER, UnitKind.SWITCH)


def mixed_contents(racks_max: int) -> list[RackContent]:
    """Contents of racks with more than one family or stepping of a kind: of that kind, by rack."""
    generation = Concat(
        "product__family", Value("/"), "product__stepping", output_field=CharField()
    )
    present = RackContent.objects.filter(unit_count__gt=0, product__kind__in=COMPARED)
    mixed = (
        present.values_list("rack", "product__kind")
        .annotate(generations=Count(generation, distinct=True))
        .filter(generations__gt=1)
        .order_by("rack", "product__kind")
    )
    read = first_of(mixed, racks_max)
    pairs = {(rack, kind) for rack, kind, _ in read}
    rows = present.filter(rack__in={rack for rack, _ in pairs})
    shown = rows.select_related("rack", "product").order_by("rack__serial", "product__code", "pk")
    found = [row for row in shown if (row.rack_id, row.product.kind) in pairs]
    return resting_on(found, read)


def slots_left_empty(before: datetime) -> QuerySet[Placement]:
    """The last placement of each slot that was emptied before then and is empty, the oldest first.

    Of racks that stand somewhere.
    """
    same = Placement.objects.filter(slot=OuterRef("slot"))
    standing = RackPlacement.objects.filter(rack=OuterRef("slot__rack"), valid_to__isnull=True)
    return (
        Placement.objects.filter(Exists(standing), valid_to__lte=before)
        .filter(~Exists(same.filter(valid_to__isnull=True)))
        .filter(~Exists(same.filter(valid_to__gt=OuterRef("valid_to"))))
        .select_related("slot__rack", "unit")
        .order_by("valid_to", "pk")
    )
