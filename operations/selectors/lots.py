"""What the page of one lot shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import connection
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from lots.domain.words import LineageKind, LineKind, LotState, Verb
from lots.models import Event, EventLine, Lot, LotLineage, Step, Unit, Wafer
from lots.selectors import events_of_lot
from lots.selectors.materials import links_now
from lots.selectors.queues import with_clocks
from operations.domain.family_drawing import FamilyDrawing, Relative, draw_family
from operations.domain.quantities import LineQuantity, counted, good_count, quantity_words
from operations.domain.traveller import PlannedStep, TravellerStep, Visit, traveller
from operations.selectors.holds import with_holds
from quality.domain.words import YieldScope
from quality.models import Issue, YieldFigure
from supplychain.base.errors import MissingError
from testing.models import BurnInRun, Run
from testing.selectors import runs

TIMELINE_MAX = 60
RUNS_MAX = 40
RELATIVES_READ_MAX = 200
VISITS = Path(__file__).resolve().parent.parent / "sql" / "lot_visits.sql"


@dataclass(frozen=True, slots=True)
class UnitCount:
    """Units of a lot of one kind and state."""

    kind: str
    state: str
    count: int


def lot_by_code(code: str) -> Lot:
    """The lot with all that its head names, and its clocks. MissingError for an unknown code."""
    lot = _lots_with_heads().filter(code=code).first()
    if lot is None:
        raise MissingError(f"There is no lot {code}. Check the code, or look for its start.")
    return lot


def lot_by_id(pk: int) -> Lot:
    """The same by the id of a row that is there."""
    return _lots_with_heads().get(pk=pk)


def _lots_with_heads() -> QuerySet[Lot]:
    return with_clocks(
        Lot.objects.select_related(
            "product__supplier", "step", "custodian", "bill", "route_version__route"
        )
    )


def family_of(lot: Lot) -> tuple[bool, list[str]]:
    """Whether the lot has units, and the codes that begin with its own and a dot. One query."""
    known = Lot.objects.filter(Q(pk=lot.pk) | Q(code__startswith=f"{lot.code}.")).order_by()
    units = Unit.objects.filter(lot=OuterRef("pk"))
    rows = dict(known.values_list("code", Exists(units)))
    return rows.pop(lot.code, False), list(rows)


def is_late(lot: Lot, today: date) -> bool:
    """Whether an active lot's due day has passed."""
    return lot.state == LotState.ACTIVE and lot.due_on is not None and lot.due_on < today


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event with what it did to this lot's quantity, in words.

    reported: the vendor's count, where it is not ours. corrected_by: seq of what took it back.
    """

    event: Event
    quantities: list[str]
    reported: int | None
    corrected_by: int | None


def timeline(lot: Lot) -> list[TimelineEntry]:
    """The newest events of the lot, newest first; what took one of them back is among them."""
    events = list(events_of_lot(lot)[:TIMELINE_MAX])
    corrections = {event.corrects_id: event.seq for event in events}
    return [_entry(event, lot, corrections.get(event.pk)) for event in events]


def _entry(event: Event, lot: Lot, corrected_by: int | None) -> TimelineEntry:
    lines = _lines(event, lot)
    words = quantity_words(lines, is_arrival=event.verb == Verb.RECEIVE)
    is_same = event.reported_quantity == good_count(lines)
    reported = None if is_same else event.reported_quantity
    return TimelineEntry(event, words, reported, corrected_by)


def _lines(event: Event, lot: Lot) -> list[LineQuantity]:
    return [
        LineQuantity(_kind(event, line), line.unit_of_measure, line.quantity, line.expected)
        for line in event.lines.all()
        if line.lot_id == lot.pk
    ]


def _kind(event: Event, line: EventLine) -> str:
    """What a reissue gives a lot was never made in it."""
    is_returned = event.verb == Verb.REISSUE and line.kind == LineKind.PRODUCED
    return "returned" if is_returned else line.kind


def lot_traveller(lot: Lot, now: datetime) -> list[TravellerStep]:
    """The lot's way along its route, by the clock of the places it was at; two queries.

    Before it was split off, the way of the lot it was part of.
    """
    plan = [
        PlannedStep(step.id, step.code, step.name, step.days_max)
        for step in Step.objects.filter(route_version=lot.route_version_id).order_by("sequence")
    ]
    with connection.cursor() as cursor:
        cursor.execute(VISITS.read_text(), {"lot": lot.pk})
        visits = [Visit(step_id, at) for step_id, at in cursor.fetchall()]
    return traveller(plan, visits, lot.step_id, now)


def yields_of_lot(lot: Lot) -> QuerySet[YieldFigure]:
    """Current figures of the whole lot, in route order."""
    return (
        YieldFigure.objects.filter(lot_step__lot=lot, is_current=True, scope=YieldScope.LOT)
        .select_related("lot_step__step")
        .order_by("lot_step__step__sequence", "policy")
    )


def issues_of_lot(lot: Lot) -> QuerySet[Issue]:
    """Every issue that names the lot, open ones first by number."""
    return lot.issues.select_related("rule", "step", "owner").order_by("-id")


def runs_of_lot(lot: Lot) -> QuerySet[Run]:
    """Tester sessions over the lot, newest first."""
    return runs().filter(lot_step__lot=lot).order_by("-started_at", "-id")[:RUNS_MAX]


def burn_ins_of_lot(lot: Lot) -> QuerySet[BurnInRun]:
    """Oven loads of the lot, newest first."""
    return (
        BurnInRun.objects.filter(lot_step__lot=lot)
        .select_related("lot_step__step", "oven", "requirement")
        .order_by("-started_at", "-id")[:RUNS_MAX]
    )


def unit_counts(lot: Lot) -> list[UnitCount]:
    """Serialised units of the lot by kind and state."""
    rows = (
        Unit.objects.filter(lot=lot)
        .order_by("kind", "state")
        .values_list("kind", "state")
        .annotate(count=Count("id"))
    )
    return [UnitCount(*row) for row in rows]


def family(lot: Lot) -> FamilyDrawing | None:
    """Parents and children of the lot, drawn; None where it has neither. One query."""
    is_child = Case(When(parent=lot, then=True), default=False)
    links = links_now().filter(Q(child=lot) | Q(parent=lot))
    place = Window(RowNumber(), partition_by=is_child, order_by="id")
    ranked = links.annotate(is_child=is_child, place=place).filter(place__lte=RELATIVES_READ_MAX)
    found = list(ranked.select_related("parent__product", "child__product").order_by("id"))
    itself = Relative(lot.code, "", lot.product.code, "")
    return draw_family(
        itself,
        [_relative(link.parent, link) for link in found if link.child_id == lot.pk],
        [_relative(link.child, link) for link in found if link.parent_id == lot.pk],
    )


def _relative(lot: Lot, link: LotLineage) -> Relative:
    address = reverse("operations:lot-detail", args=[lot.code])
    note = f"{lot.product.code}, {counted(lot.quantity, lot.unit_of_measure)}"
    return Relative(lot.code, address, note, LineageKind(link.kind).value)


def wafer_by_code(code: str) -> Wafer:
    """The wafer with its lot and what holds it. MissingError for an unknown code."""
    wafers = Wafer.objects.select_related("lot__product", "lot__step")
    wafer: Wafer | None = with_holds(wafers).filter(code=code).first()
    if wafer is None:
        raise MissingError(f"There is no wafer {code}. Check the code, or look for its lot.")
    return wafer


def wafers_beside(wafer: Wafer) -> tuple[Wafer | None, Wafer | None]:
    """The wafers before and after it in its lot."""
    codes = list(wafer.lot.wafers.order_by("number", "id"))
    place = next(index for index, one in enumerate(codes) if one.id == wafer.id)
    before = codes[place - 1] if place else None
    return before, codes[place + 1] if place + 1 < len(codes) else None
