"""What a preview compares: the facts of lots as the database has them now."""

from __future__ import annotations

from collections.abc import Sequence

from lots.models import Lot
from operations.domain.changes import Facts
from operations.domain.quantities import counted


def facts_of(lots: Sequence[Lot]) -> Facts:
    """The lots and their children: name → fact → value in words."""
    ids = [lot.pk for lot in lots]
    related = Lot.objects.filter(pk__in=ids) | Lot.objects.filter(parent_links__parent__in=ids)
    rows = related.distinct().select_related(
        "step", "custodian", "product", "route_version__route", "rework_return_step"
    )
    return {f"Lot {row.code}": _facts(row) for row in rows.prefetch_related("holds").order_by("pk")}


def _facts(lot: Lot) -> dict[str, str]:
    reasons = [hold.reason for hold in lot.holds.all() if hold.released_at is None]
    return {
        "Step": lot.step.code,
        "State": lot.get_state_display(),
        "Quantity": counted(lot.quantity, lot.unit_of_measure),
        "Product": lot.product.code,
        "Route": str(lot.route_version),
        "Custodian": lot.custodian.code,
        "Customer": lot.customer,
        "Being worked on": _work(lot),
        "Comes back from rework at": lot.rework_return_step.code if lot.rework_return_step else "",
        "Rework attempts": str(lot.rework_attempt or ""),
        "Hot lot": "yes" if lot.is_hot else "",
        "Pilot": "yes" if lot.is_pilot else "",
        "Due": f"{lot.due_on:%Y-%m-%d}" if lot.due_on else "",
        "Purpose": lot.get_purpose_display(),
        "Open holds": "; ".join(sorted(reasons)) or "none",
    }


def _work(lot: Lot) -> str:
    if lot.tracked_in_at is None:
        return ""
    place = f" on {lot.equipment}" if lot.equipment else ""
    return f"since {lot.tracked_in_at:%Y-%m-%d %H:%M}{place}"
