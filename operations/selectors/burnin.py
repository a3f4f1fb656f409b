"""One load of an oven: its log drawn against the window, and every socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from operations.domain.log_drawing import LogDrawing, LogPoint, Window, draw_log
from supplychain.base.errors import MissingError
from testing.domain.words import Outcome
from testing.models import BurnInReading, BurnInRequirement, BurnInRun, BurnInUnit
from testing.selectors import burn_in_log


@dataclass(frozen=True, slots=True)
class Socket:
    """A unit in its socket. sign: `fail`, `short` or `pass`."""

    load: BurnInUnit
    sign: str


@dataclass(frozen=True, slots=True)
class Board:
    """A burn-in board with its sockets in order."""

    code: str
    sockets: tuple[Socket, ...]


@dataclass(frozen=True, slots=True)
class BurnInView:
    """The run with its two panels (None below two readings) and its boards."""

    temperature: LogDrawing | None
    voltage: LogDrawing | None
    boards: tuple[Board, ...]
    unit_count: int
    short_count: int
    fail_count: int


def burn_in_run(run_id: int) -> BurnInRun:
    """MissingError for an unknown one."""
    run = (
        BurnInRun.objects.select_related("lot_step__lot", "lot_step__step", "requirement", "oven")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        raise MissingError("There is no such burn-in run.")
    return run


def burn_in_view(run: BurnInRun) -> BurnInView:
    """Three queries, whatever the size of the log."""
    log = list(burn_in_log(run))
    need = run.requirement
    gap = timedelta(minutes=need.gap_minutes_max)
    loads = list(run.units.select_related("unit", "board").order_by("board__code", "socket"))
    sockets = [Socket(load, _sign(load, need)) for load in loads]
    return BurnInView(
        temperature=draw_log(
            _points(log, "temperature_celsius"),
            Window(need.temperature_celsius_min, need.temperature_celsius_max, gap),
        ),
        voltage=draw_log(_points(log, "voltage"), Window(need.voltage_min, need.voltage_max, gap)),
        boards=_boards(sockets),
        unit_count=len(sockets),
        short_count=sum(socket.sign == "short" for socket in sockets),
        fail_count=sum(socket.sign == "fail" for socket in sockets),
    )


def _points(log: Sequence[BurnInReading], column: str) -> list[LogPoint]:
    return [LogPoint(reading.measured_at, getattr(reading, column)) for reading in log]


def _sign(load: BurnInUnit, need: BurnInRequirement) -> str:
    if load.outcome != Outcome.PASS:
        return "fail"
    return "pass" if load.chargeable_hours >= need.hours else "short"


def _boards(sockets: Sequence[Socket]) -> tuple[Board, ...]:
    boards: dict[str, list[Socket]] = {}
    for socket in sockets:
        boards.setdefault(socket.load.board.code, []).append(socket)
    return tuple(Board(code, tuple(own)) for code, own in boards.items())
