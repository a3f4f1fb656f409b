"""A burn-in socket that fails more units than its siblings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.domain.sockets import METHOD, adjusted_chances
from quality.selectors.issues import rule_parameters
from quality.selectors.sockets import FailingSocket, failing_sockets, socket_count

SERIALS_MAX = 50


@dataclass(frozen=True, slots=True)
class Thresholds:
    """days: how far back. q: false discoveries among all sockets. units_min: different units that
    failed in it. effect_min: how much more of its units must fail than of those beside them."""

    days: int = 30
    q: float = 0.01
    units_min: int = 3
    effect_min: float = 0.05


class BurnInSocket:
    """Every socket of a board beside the other sockets of the board, load by load.

    The cause is the socket: loads that follow add to the same issue.
    """

    code = "burn-in-socket"
    description = "A socket of a burn-in board fails more units than its siblings."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding for each such socket."""
        limits = thresholds(Thresholds, rule_parameters(self.code))
        since = now - timedelta(days=limits.days)
        sockets = failing_sockets(since, limits.units_min)
        if not sockets:
            return []
        chances = adjusted_chances([one.record for one in sockets], socket_count(since))
        return [
            _finding(one, p_value, p_adjusted, limits)
            for one, (p_value, p_adjusted) in zip(sockets, chances, strict=True)
            if p_adjusted < limits.q and _excess(one) >= limits.effect_min
        ]


def _excess(one: FailingSocket) -> float:
    record = one.record
    return (record.fails - record.expected) / record.loads


def _finding(one: FailingSocket, p_value: float, p_adjusted: float, limits: Thresholds) -> Finding:
    record = one.record
    return Finding(
        cause_key=f"{BurnInSocket.code}:{one.board}/{one.socket}",
        title=(
            f"Socket {one.socket} of burn-in board {one.board} failed {record.fails} of "
            f"{record.loads} units, {record.expected:.1f} expected"
        ),
        revision=f"failed until {one.failed_at.isoformat()}",
        evidence=Evidence(
            statistic="units failed in the socket",
            value=record.fails,
            limit=record.expected,
            n=record.loads,
            method=METHOD,
            p_value=p_value,
            p_adjusted=p_adjusted,
            facts={
                "board": one.board,
                "socket": one.socket,
                "fail_ratio": record.ratio,
                "fail_ratio_expected": record.expected / record.loads,
                "since_days": limits.days,
                "lots": list(one.lots),
                "serials": list(one.serials[:SERIALS_MAX]),
            },
        ),
    )
