"""The ledger's side of control totals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from finance.domain.control_totals import Part
from finance.domain.money import ZERO

PART = {
    "row_count": Count("seq"),
    "first_seq": Min("seq"),
    "last_seq": Max("seq"),
    "units": Sum("quantity"),
    "debit": Sum("amount", filter=Q(amount__gt=0), default=ZERO),
    "credit": Sum("amount", filter=Q(amount__lt=0), default=ZERO),
}
"""What to annotate rows with that are grouped by their unit of measure, and maybe by more."""


def part_of(row: Mapping[str, Any]) -> Part:
    """One such group."""
    return Part(
        row["unit_of_measure"],
        row["row_count"],
        row["first_seq"],
        row["last_seq"],
        row["units"],
        row["debit"],
        row["credit"],
    )
