"""How alike the units of a wafer are, from the wafers of a lot or of the lots before it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, F, Sum

from quality.domain.clustering import ClusterSums, wafer_likeness
from quality.domain.lot_parts import WAFERS_MIN, LotWafers
from quality.domain.words import YieldSlice
from quality.models import YieldBook, YieldPart

LOTS_MAX = 20


def wafer_sums(lot_step_ids: Sequence[int], count: str) -> dict[int, ClusterSums]:
    """Lot step → sums over its wafers of units and of `count`. One query."""
    passed = F(count)
    rows = (
        YieldPart.objects.filter(lot_step__in=lot_step_ids, slice=YieldSlice.WAFER)
        .order_by("lot_step_id")
        .values("lot_step_id")
        .annotate(
            wafers=Count("id"), units=Sum("tested"), passed=Sum(count),
            units_squared=Sum(F("tested") * F("tested")), passed_squared=Sum(passed * passed),
            products=Sum(passed * F("tested")),
        )
    )  # fmt: skip
    return {
        row["lot_step_id"]: ClusterSums(
            row["wafers"], row["units"], row["passed"], row["units_squared"],
            row["passed_squared"], row["products"],
        )
        for row in rows
    }  # fmt: skip


def lot_wafers(books: Sequence[YieldBook], count: str) -> dict[int, LotWafers]:
    """Lot step → its wafers; lots without any are left out. books: of one product at one step.

    How alike units are is known from the lot's own wafers, from WAFERS_MIN on; else with those of
    the newest lots of the series. Three queries at most.
    """
    own = wafer_sums([book.lot_step_id for book in books], count)
    is_short = any(sums.lots < WAFERS_MIN for sums in own.values())
    series = wafer_sums(_newest(books[0]), count) if is_short else {}
    found = {}
    for pk, sums in own.items():
        members = [sums] if sums.lots >= WAFERS_MIN else list({**series, pk: sums}.values())
        found[pk] = LotWafers(sums, wafer_likeness(members))
    return found


def _newest(book: YieldBook) -> list[int]:
    """Counted lot steps of the same product and step, newest first."""
    rows = YieldBook.objects.filter(
        product=book.product_id, step_code=book.step_code, is_counted=True
    )
    ordered = rows.order_by("-week", "-lot_step_id")
    return list(ordered.values_list("lot_step_id", flat=True)[:LOTS_MAX])
