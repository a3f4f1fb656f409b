"""Rows of partners' reports as pages and the API show them."""

from __future__ import annotations

from django.db.models import Case, IntegerField, QuerySet, Value, When

from intake.domain.words import RowState
from intake.models import FeedRow, RawFile
from supplychain.base.errors import MissingError

ORDER = (
    RowState.QUARANTINED,
    RowState.WAITING,
    RowState.DROPPED,
    RowState.REPEATED,
    RowState.APPLIED,
)


def rows_of_file(file: RawFile, state: str = "") -> QuerySet[FeedRow]:
    """Those that need a person first, then those that wait. state: only these."""
    rows = file.rows.select_related("file")
    rows = rows.filter(state=state) if state else rows
    place = Case(
        *(When(state=state, then=Value(number)) for number, state in enumerate(ORDER)),
        output_field=IntegerField(),
    )
    return rows.annotate(place=place).order_by("place", "number")


def row_of_file(sha256: str, number: int) -> FeedRow:
    """MissingError when there is none."""
    rows = FeedRow.objects.select_related("file", "decided_by")
    row = rows.filter(file__sha256=sha256, number=number).first()
    if row is None:
        raise MissingError("There is no such row. Read the file's rows again.")
    return row


def rows_by_id(ids: list[int]) -> list[FeedRow]:
    """In order of file and row; unknown ids are left out."""
    rows = FeedRow.objects.select_related("file").filter(pk__in=ids)
    return list(rows.order_by("file_id", "number"))
