"""Open holds with what of their lots they stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, JSONObject

from lots.models import Hold, HoldItem, Wafer
from operations.domain.stops import stopped_words

NAMES_MAX = 60
"""Read of one hold: every wafer of a lot, and more serials than are shown."""


def with_stopped(holds: QuerySet[Hold]) -> QuerySet[Any]:
    """The same with `stopped_names` and `stopped_count`, for `stopped`; no query more."""
    items = HoldItem.objects.filter(hold=OuterRef("pk"))
    names = items.order_by("wafer__number", "unit__serial", "id").values(
        name=Coalesce(
            Cast("wafer__number", CharField()),
            "wafer__code",
            "unit__serial",
            output_field=CharField(),
        )
    )
    count = items.order_by().annotate(count=Func(F("id"), function="COUNT")).values("count")
    return holds.annotate(
        stopped_names=ArraySubquery(names[:NAMES_MAX]),
        stopped_count=Subquery(count, output_field=IntegerField()),
    )


def stopped(hold: Any) -> str:
    """Of a hold read `with_stopped`: which wafers, bin or units; "" for the whole lot."""
    return stopped_words(hold.scope, hold.stopped_names, hold.stopped_count, hold.bin_number)


def hold_words(hold: Any) -> str:
    """The reason of a hold read `with_stopped`, with what it stops."""
    part = stopped(hold)
    return f"{hold.reason} ({part})" if part else str(hold.reason)


def hold_words_of(lot_ids: Sequence[int]) -> dict[int, list[str]]:
    """Lot id → its open holds in words, oldest first. One query."""
    found: dict[int, list[str]] = {}
    holds = Hold.objects.filter(lot_id__in=lot_ids, released_at__isnull=True).order_by("id")
    for hold in with_stopped(holds):
        found.setdefault(hold.lot_id, []).append(hold_words(hold))
    return found


def with_holds(wafers: QuerySet[Wafer]) -> QuerySet[Any]:
    """With `holds_told`: the open holds on the wafer, its lot or dies of it; no query more.

    Each as {reason, hold_class, scope, dies}; dies: how many of the wafer's it stops.
    """
    stops = Hold.objects.filter(released_at__isnull=True).order_by("id")
    on_dies = HoldItem.objects.filter(hold=OuterRef("pk"), unit__wafer=OuterRef(OuterRef("pk")))
    dies = on_dies.order_by().annotate(count=Func(F("id"), function="COUNT")).values("count")
    on_wafer = Q(scope="lot", lot=OuterRef("lot")) | Q(
        pk__in=HoldItem.objects.filter(
            Q(wafer=OuterRef(OuterRef("pk"))) | Q(unit__wafer=OuterRef(OuterRef("pk")))
        ).values("hold")
    )
    told = stops.filter(on_wafer).values(
        said=JSONObject(
            reason="reason",
            hold_class="hold_class",
            scope="scope",
            dies=Subquery(dies, output_field=IntegerField()),
        )
    )
    return wafers.annotate(holds_told=ArraySubquery(told))
