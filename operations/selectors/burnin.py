"""One load of an oven: its log drawn against the window, and every socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from operations.domain.board_grid import Grid, board_grid
from operations.domain.log_chart import chart_points, milliseconds
from supplychain.base.errors import MissingError
from testing.domain.burnin import is_short, temperature_limits, voltage_limits
from testing.domain.burnin_series import Interruption, Limits
from testing.domain.words import Outcome, OvenQuantity
from testing.models import BurnInRecount, BurnInRequirement, BurnInRun, BurnInUnit
from testing.selectors import LoadProof, load_proof

REASON_WORDS = {
    "no-log": "no reading before or after",
    "gap": "silent for longer than allowed",
    "no-value": "the sensor gave nothing, or two readings differ",
    "too-low": "below the window",
    "too-high": "above the window",
}
INTERRUPTIONS_MAX = 30
SHADED_MAX = 500


@dataclass(frozen=True, slots=True)
class Lost:
    """A stretch that one quantity does not prove, and why in words."""

    quantity: str
    stretch: Interruption
    words: str


@dataclass(frozen=True, slots=True)
class Socket:
    """A unit in its socket. sign: `fail`, `short` or `pass`."""

    load: BurnInUnit
    sign: str


@dataclass(frozen=True, slots=True)
class Board:
    """A burn-in board with its sockets in order; grid: by its layout, None without one."""

    code: str
    sockets: tuple[Socket, ...]
    grid: Grid[Socket] | None


@dataclass(frozen=True, slots=True)
class BurnInView:
    """The run with its log as a chart takes it, and its boards.

    lost: the longest of what is not charged, by time; lost_hours: of the whole load. recounts: how
    later logs changed the hours. unshaded_count: stretches that are too many to draw.
    """

    proof: LoadProof
    lost: Sequence[Lost]
    lost_count: int
    lost_hours: float
    unshaded_count: int
    recounts: Sequence[BurnInRecount]
    chart: Mapping[str, Any]
    has_log: bool
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
    """Four queries, whatever the size of the log."""
    proof = load_proof(run)
    need = run.requirement
    loads = list(
        run.units.select_related("unit", "board__layout").order_by("board__code", "socket")
    )
    sockets = [Socket(load, _sign(load, need)) for load in loads]
    lost = _lost(proof)
    return BurnInView(
        proof=proof,
        lost=_longest_lost(lost),
        lost_count=len(lost),
        lost_hours=(run.finished_at - run.started_at) / timedelta(hours=1) - run.chargeable_hours,
        unshaded_count=sum(
            max(0, len(stretches) - SHADED_MAX) for stretches in proof.interruptions.values()
        ),
        recounts=list(run.recounts.order_by("-pk")),
        chart=_chart(run, proof),
        has_log=bool(proof.log.temperature or proof.log.voltage),
        boards=_boards(sockets),
        unit_count=len(sockets),
        short_count=sum(socket.sign == "short" for socket in sockets),
        fail_count=sum(socket.sign == "fail" for socket in sockets),
    )


def _chart(run: BurnInRun, proof: LoadProof) -> dict[str, Any]:
    window = proof.window
    celsius, volt = temperature_limits(window), voltage_limits(window)
    return {
        "start": milliseconds(run.started_at),
        "end": milliseconds(run.finished_at),
        "panels": [
            _panel("Temperature, °C", proof, OvenQuantity.TEMPERATURE, celsius),
            _panel("Voltage, V", proof, OvenQuantity.VOLTAGE, volt),
        ],
    }


def _panel(name: str, proof: LoadProof, quantity: OvenQuantity, limits: Limits) -> dict[str, Any]:
    log = proof.log
    samples = log.temperature if quantity is OvenQuantity.TEMPERATURE else log.voltage
    return {
        "name": name,
        "points": chart_points(samples, limits.gap_max),
        "low": limits.low,
        "high": limits.high,
        "lost": [
            (milliseconds(one.start), milliseconds(one.end))
            for one in _longest(proof.interruptions[quantity], SHADED_MAX)
        ],
    }


def _lost(proof: LoadProof) -> list[Lost]:
    found = [
        Lost(quantity, stretch, REASON_WORDS[stretch.reason])
        for quantity, stretches in proof.interruptions.items()
        for stretch in stretches
    ]
    return sorted(found, key=_moment)


def _longest_lost(lost: Sequence[Lost]) -> list[Lost]:
    longest = sorted(lost, key=lambda one: -one.stretch.minutes)[:INTERRUPTIONS_MAX]
    return sorted(longest, key=_moment)


def _longest(stretches: Sequence[Interruption], most: int) -> list[Interruption]:
    longest = sorted(stretches, key=lambda one: -one.minutes)[:most]
    return sorted(longest, key=lambda one: one.start)


def _moment(lost: Lost) -> tuple[datetime, str]:
    return lost.stretch.start, lost.quantity


def _sign(load: BurnInUnit, need: BurnInRequirement) -> str:
    if load.outcome != Outcome.PASS:
        return "fail"
    return "short" if is_short(load.chargeable_hours, need.hours) else "pass"


def _boards(sockets: Sequence[Socket]) -> tuple[Board, ...]:
    boards: dict[str, list[Socket]] = {}
    for socket in sockets:
        boards.setdefault(socket.load.board.code, []).append(socket)
    return tuple(Board(code, tuple(own), _grid(own)) for code, own in boards.items())


def _grid(sockets: Sequence[Socket]) -> Grid[Socket] | None:
    layout = sockets[0].load.board.layout
    by_name = {one.load.socket: one for one in sockets}
    return board_grid(layout.sockets, by_name) if layout else None
