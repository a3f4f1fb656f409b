"""Ovens, burn-in boards and sockets: what each failed, and whether by itself or by its units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from operations.domain.board_grid import Grid, board_grid
from supplychain.base.errors import MissingError
from testing.domain.burnin import ROUNDING_HOURS
from testing.domain.faults import (
    METHOD,
    Fault,
    PlaceRecord,
    SocketLoad,
    place_records,
    unit_faults,
)
from testing.domain.words import EquipmentKind, Outcome
from testing.models import BoardLayout, BurnInRun, BurnInUnit, Equipment

LOADS_MAX = 200_000
"""The newest loads that are judged together."""
SOCKETS_SHOWN = 100
UNITS_SHOWN = 100
SOCKETS_DRAWN = 4000
RUNS_SHOWN = 50
KINDS = (EquipmentKind.OVEN, EquipmentKind.BURN_IN_BOARD)


@dataclass(frozen=True, slots=True)
class Place:
    """A place as a page names it, beside its record. equipment_id: of its oven or board."""

    name: str
    equipment_id: int
    record: PlaceRecord


@dataclass(frozen=True, slots=True)
class FailedUnit:
    """A unit that failed, how often and where, and what that says."""

    serial: str
    fails: int
    places: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class FaultReport:
    """Sockets, boards, ovens and units judged over the same loads. method: named with figures."""

    ovens: Sequence[Place]
    boards: Sequence[Place]
    sockets: Sequence[Place]
    units: Sequence[FailedUnit]
    load_count: int
    fail_count: int
    socket_count: int
    unit_count: int
    method: str = METHOD

    @property
    def suspect_count(self) -> int:
        """Sockets that fail by themselves."""
        return sum(one.record.is_suspect for one in self.sockets)


@dataclass(frozen=True, slots=True)
class _Load:
    serial: str
    oven_id: int
    oven: str
    board_id: int
    board: str
    socket: str
    is_failed: bool


def fault_report(equipment: Equipment | None = None) -> FaultReport:
    """Of all loads, or of those in one oven or on one board; other places are the comparison.

    One query, whatever the number of places.
    """
    loads = _loads()
    ovens = _records((load.oven_id, load) for load in loads)
    boards = _records((load.board_id, load) for load in loads)
    sockets = _records(((load.board_id, load.socket), load) for load in loads)
    names = {load.board_id: load.board for load in loads}
    oven_names = {load.oven_id: load.oven for load in loads}
    faults = unit_faults([_socket_load((one.board_id, one.socket), one) for one in loads])
    own = [load for load in loads if equipment is None or _is_of(load, equipment)]
    shown = {(load.board_id, load.socket) for load in own}
    failing = [load for load in own if load.is_failed]
    kept = [one for one in sockets if one.place in shown]
    units = _failed_units(failing, faults)
    return FaultReport(
        ovens=[
            Place(oven_names[_id(one)], _id(one), one)
            for one in ovens
            if _id(one) in {load.oven_id for load in own}
        ],
        boards=[
            Place(names[_id(one)], _id(one), one)
            for one in boards
            if _id(one) in {load.board_id for load in own}
        ],
        sockets=[_socket_place(one, names) for one in kept[:SOCKETS_SHOWN]],
        units=units[:UNITS_SHOWN],
        load_count=len(own),
        fail_count=len(failing),
        socket_count=len(kept),
        unit_count=len(units),
    )


def _is_of(load: _Load, equipment: Equipment) -> bool:
    return equipment.pk in (load.oven_id, load.board_id)


def _loads() -> list[_Load]:
    rows = (
        BurnInUnit.objects.order_by("-pk")
        .values_list(
            "unit__serial", "run__oven_id", "run__oven__code", "board_id", "board__code", "socket",
            "outcome",
        )[:LOADS_MAX]
    )  # fmt: skip
    return [_Load(*row[:-1], is_failed=row[-1] == Outcome.FAIL) for row in rows]


def _records(placed: Iterable[tuple[object, _Load]]) -> list[PlaceRecord]:
    return place_records([_socket_load(place, load) for place, load in placed])


def _socket_load(place: object, load: _Load) -> SocketLoad:
    return SocketLoad(load.serial, place, load.is_failed)


def _id(record: PlaceRecord) -> int:
    assert isinstance(record.place, int)
    return record.place


def _socket_place(record: PlaceRecord, boards: dict[int, str]) -> Place:
    assert isinstance(record.place, tuple)
    board_id, socket = record.place
    return Place(f"{boards[board_id]} / {socket}", board_id, record)


def _failed_units(failing: Sequence[_Load], faults: dict[str, Fault]) -> list[FailedUnit]:
    counts = Counter(load.serial for load in failing)
    places: dict[str, dict[str, None]] = {}
    for load in failing:
        places.setdefault(load.serial, {})[f"{load.board} / {load.socket}"] = None
    return [
        FailedUnit(serial, count, ", ".join(places[serial]), faults[serial])
        for serial, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


@dataclass(frozen=True, slots=True)
class SocketUse:
    """A socket of a board with all its loads in an oven. sign: `fail`, `short` or `pass`."""

    name: str
    loads: int
    fails: int
    short: int

    @property
    def sign(self) -> str:
        return "fail" if self.fails else "short" if self.short else "pass"


@dataclass(frozen=True, slots=True)
class BoardMap:
    """A board with its sockets in order; grid: by its layout, None without one."""

    equipment_id: int
    code: str
    sockets: Sequence[SocketUse]
    fails: int
    grid: Grid[SocketUse] | None


def board_maps(equipment: Equipment) -> list[BoardMap]:
    """Boards that were in the oven, or the board itself: each socket with its loads and fails.

    One query, and one more where a board has a layout.
    """
    own = Q(run__oven=equipment) | Q(board=equipment)
    rows = (
        BurnInUnit.objects.filter(own)
        .order_by("board__code", "socket")
        .values_list("board_id", "board__code", "board__layout_id", "socket")
        .annotate(
            loads=Count("id"),
            fails=Count("id", filter=~Q(outcome=Outcome.PASS)),
            short=Count(
                "id", filter=Q(chargeable_hours__lt=F("run__requirement__hours") - ROUNDING_HOURS)
            ),
        )[:SOCKETS_DRAWN]
    )
    boards: dict[tuple[int, str, int | None], list[SocketUse]] = {}
    for board_id, code, layout_id, *socket in rows:
        boards.setdefault((board_id, code, layout_id), []).append(SocketUse(*socket))
    ids = {layout_id for _, _, layout_id in boards if layout_id is not None}
    layouts = dict(BoardLayout.objects.filter(pk__in=ids).values_list("pk", "sockets"))
    return [
        BoardMap(
            board_id,
            code,
            sockets,
            sum(one.fails for one in sockets),
            board_grid(layouts[layout_id], {one.name: one for one in sockets})
            if layout_id
            else None,
        )
        for (board_id, code, layout_id), sockets in boards.items()
    ]


def burn_in_equipment(equipment_id: int) -> Equipment:
    """An oven or board. MissingError for another or unknown one."""
    found = Equipment.objects.filter(pk=equipment_id, kind__in=KINDS).first()
    if found is None:
        raise MissingError("There is no such oven or burn-in board.")
    return found


def runs_of_equipment(equipment: Equipment) -> QuerySet[BurnInRun]:
    """Its newest loads with their units, fails and the least and most hours."""
    own = Q(oven=equipment) | Q(units__board=equipment)
    return (
        BurnInRun.objects.filter(own)
        .select_related("lot_step__lot", "lot_step__step", "oven", "requirement")
        .annotate(
            unit_count=Count("units", distinct=True),
            fail_count=Count("units", filter=Q(units__outcome=Outcome.FAIL), distinct=True),
        )
        .order_by("-started_at", "-pk")[:RUNS_SHOWN]
    )


def ovens() -> QuerySet[Equipment]:
    """Every oven with how much it was used, the busiest last load first."""
    return (
        Equipment.objects.filter(kind=EquipmentKind.OVEN)
        .annotate(
            load_count=Count("burn_in_runs"),
            hours=Sum("burn_in_runs__chargeable_hours"),
            last_at=Max("burn_in_runs__finished_at"),
        )
        .order_by(F("last_at").desc(nulls_last=True), "code")
    )
