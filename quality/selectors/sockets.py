"""Sockets of burn-in boards with several failed units, beside all that sat on the board then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from quality.domain.dispersion import Count as Share
from quality.domain.sockets import BoardLoad, SocketRecord
from testing.domain.words import Outcome
from testing.models import BurnInUnit

SOCKETS_MAX = 500
"""The most that are judged, those with most failed units first."""


@dataclass(frozen=True, slots=True)
class FailingSocket:
    """serials, lots: of the units that failed in it, sorted. failed_at: when the last did."""

    board: str
    socket: str
    record: SocketRecord
    serials: tuple[str, ...]
    lots: tuple[str, ...]
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class _Row:
    run_id: int
    board_id: int
    board: str
    socket: str
    serial: str
    lot: str
    finished_at: datetime
    outcome: str

    @property
    def is_failed(self) -> bool:
        return self.outcome == Outcome.FAIL


def failing_sockets(since: datetime, units_min: int) -> list[FailingSocket]:
    """Sockets in which so many different units failed, in loads that ended since then.

    One query where there is none, three in all.
    """
    loads = BurnInUnit.objects.filter(run__finished_at__gte=since)
    places = _candidates(loads, units_min)
    if not places:
        return []
    boards = _board_loads(loads, {board_id for board_id, _ in places})
    rows: dict[tuple[int, str], list[_Row]] = defaultdict(list)
    for row in _rows(loads, places):
        if (row.board_id, row.socket) in places:
            rows[row.board_id, row.socket].append(row)
    return [_socket(rows[place], boards) for place in sorted(rows)]


def socket_count(since: datetime) -> int:
    """Sockets that held a unit in a load that ended since then."""
    loads = BurnInUnit.objects.filter(run__finished_at__gte=since)
    return loads.order_by().values("board", "socket").distinct().count()


def socket_fails(since: datetime, boards: Collection[str]) -> dict[str, dict[str, Share]]:
    """Board → socket → units that failed of those it held, in loads that ended since then.

    No query for no board.
    """
    found: dict[str, dict[str, Share]] = {board: {} for board in boards}
    if not found:
        return found
    rows = BurnInUnit.objects.filter(run__finished_at__gte=since, board__code__in=boards)
    counted = rows.order_by().values_list("board__code", "socket")
    for board, socket, fails, units in counted.annotate(
        fails=Count("id", filter=Q(outcome=Outcome.FAIL)), units=Count("id")
    ):
        found[board][socket] = Share(fails, units)
    return found


def _candidates(loads: QuerySet[BurnInUnit], units_min: int) -> set[tuple[int, str]]:
    failed = loads.filter(outcome=Outcome.FAIL).order_by().values_list("board", "socket")
    many = failed.annotate(units=Count("unit", distinct=True)).filter(units__gte=units_min)
    return {
        (board_id, socket)
        for board_id, socket, _ in many.order_by("-units", "board", "socket")[:SOCKETS_MAX]
    }


def _board_loads(
    loads: QuerySet[BurnInUnit], board_ids: set[int]
) -> dict[tuple[int, int], BoardLoad]:
    """Run and board → all that sat there."""
    rows = loads.filter(board__in=board_ids).order_by().values_list("run", "board")
    counted = rows.annotate(units=Count("id"), fails=Count("id", filter=Q(outcome=Outcome.FAIL)))
    return {
        (run_id, board_id): BoardLoad(units, fails) for run_id, board_id, units, fails in counted
    }


def _rows(loads: QuerySet[BurnInUnit], places: set[tuple[int, str]]) -> list[_Row]:
    found = loads.filter(
        board__in={board_id for board_id, _ in places}, socket__in={name for _, name in places}
    ).order_by("run__finished_at", "pk")
    names = (
        "run_id", "board_id", "board__code", "socket", "unit__serial", "run__lot_step__lot__code",
        "run__finished_at", "outcome",
    )  # fmt: skip
    return [_Row(*row) for row in found.values_list(*names)]


def _socket(rows: Sequence[_Row], boards: dict[tuple[int, int], BoardLoad]) -> FailingSocket:
    failed = [row for row in rows if row.is_failed]
    return FailingSocket(
        rows[0].board,
        rows[0].socket,
        SocketRecord(tuple(boards[row.run_id, row.board_id] for row in rows), len(failed)),
        tuple(sorted({row.serial for row in failed})),
        tuple(sorted({row.lot for row in failed})),
        max(row.finished_at for row in failed),
    )
