"""From whatever stands on a label to the page about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.urls import reverse

from intake.models import RawFile
from lots.models import Lot, Unit, Wafer
from operations.domain.scanned import scanned_names
from quality.models import Issue
from racks.models import Rack

ROWS_MAX = 8
TEXT_MAX = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A thing with a page. what: its kind and a hint."""

    name: str
    what: str
    address: str
    icon: str


@dataclass(frozen=True, slots=True)
class Sort:
    """One kind of thing that can be found. field: its name's indexed column.

    query: of a page that asks for the name, before it. Thousands of rows may bear such a name: it
    is found only when it is given whole, and leads nowhere by itself.
    """

    what: str
    icon: str
    view: str
    right: str
    field: str
    rows: Callable[[], QuerySet[Any]]
    hint: Callable[[Any], str]
    query: str = ""


SORTS = (
    Sort(
        "Lot", "package_2", "operations:lot-detail", "lots.view_lot", "code",
        lambda: Lot.objects.select_related("product", "step"),
        lambda lot: f"{lot.product.code} at {lot.step.code}",
    ),
    Sort(
        "Unit", "memory", "operations:unit-detail", "lots.view_unit", "serial",
        lambda: Unit.objects.select_related("product"),
        lambda unit: f"{unit.kind}, {unit.product.code}",
    ),
    Sort(
        "Wafer", "album", "operations:wafer-detail", "testing.view_unitresult", "code",
        lambda: Wafer.objects.select_related("lot"),
        lambda wafer: f"of lot {wafer.lot.code}",
    ),
    Sort(
        "Issue", "flag", "operations:issue-detail", "quality.view_issue", "number",
        Issue.objects.all,
        lambda issue: issue.title,
    ),
    Sort(
        "Rack", "dns", "operations:rack-detail", "racks.view_rack", "serial",
        Rack.objects.all,
        lambda rack: rack.name,
    ),
    Sort(
        "File", "draft", "operations:file-detail", "intake.view_rawfile", "sha256",
        RawFile.objects.all,
        lambda file: file.name,
    ),
    *(
        Sort(
            f"Vendor's {what}, as declared", "assignment_return", "operations:recall-new",
            "operations.view_recallcase", f"declared_{what}",
            Unit.objects.order_by,
            lambda unit: "what came from it", "?origin=declared&names=",
        )
        for what in ("lot", "wafer")
    ),
)  # fmt: skip


def found_exactly(text: str, user: User | AnonymousUser) -> Found | None:
    """The first thing that the text names, typed or scanned, as written or in capitals."""
    names = [name for name in scanned_names(text) if len(name) <= TEXT_MAX]
    return next((found for name in names if (found := _named(name, user))), None)


def _named(name: str, user: User | AnonymousUser) -> Found | None:
    for sort in _allowed(user):
        if sort.query:
            continue
        row = sort.rows().filter(**{f"{sort.field}__in": {name, name.upper()}}).first()
        if row is not None:
            return _found(sort, row)
    return None


def find(text: str, user: User | AnonymousUser) -> list[Found]:
    """Things whose name begins with the text, or is it, a few of each kind."""
    text = text.strip()[:TEXT_MAX]
    if not text:
        return []
    found = []
    for sort in _allowed(user):
        for spelling in dict.fromkeys([text, text.upper()]):
            found += [_found(sort, row) for row in _like(sort, spelling)]
    return found


def _like(sort: Sort, spelling: str) -> QuerySet[Any]:
    if sort.query:
        return sort.rows().filter(**{sort.field: spelling})[:1]
    start = f"{sort.field}__startswith"
    return sort.rows().filter(**{start: spelling}).order_by(sort.field)[:ROWS_MAX]


def _allowed(user: User | AnonymousUser) -> Iterator[Sort]:
    return (sort for sort in SORTS if user.has_perm(sort.right))


def _found(sort: Sort, row: Any) -> Found:
    name = str(getattr(row, sort.field))
    hint = sort.hint(row)
    what = f"{sort.what}: {hint}" if hint else sort.what
    if sort.query:
        return Found(name, what, f"{reverse(sort.view)}{sort.query}{quote(name)}", sort.icon)
    return Found(name, what, reverse(sort.view, args=[name]), sort.icon)
