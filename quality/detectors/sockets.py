"""A burn-in socket that fails more units than its siblings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from quality.detectors.thresholds import thresholds
from quality.domain.dispersion import Count
from quality.domain.findings import Evidence, Finding
from quality.domain.pictures import Picture, PointOf, share_points
from quality.domain.sockets import METHOD, adjusted_chances
from quality.selectors.issues import rule_parameters
from quality.selectors.sockets import FailingSocket, failing_sockets, socket_count, socket_fails

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
        flagged = [
            (one, chance)
            for one, chance in zip(sockets, chances, strict=True)
            if chance[1] < limits.q and _excess(one) >= limits.effect_min
        ]
        fails = socket_fails(since, {one.board for one, _ in flagged})
        return [_finding(one, chance, fails[one.board], limits) for one, chance in flagged]


def _excess(one: FailingSocket) -> float:
    record = one.record
    return (record.fails - record.expected) / record.loads


def _finding(
    one: FailingSocket,
    chance: tuple[float, float],
    fails: Mapping[str, Count],
    limits: Thresholds,
) -> Finding:
    record, (p_value, p_adjusted) = one.record, chance
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
            pictures=(_picture(one, fails),),
        ),
    )


def _picture(one: FailingSocket, fails: Mapping[str, Count]) -> Picture:
    record = one.record
    return Picture(
        title=f"Units that failed, by socket of {one.board}",
        of=PointOf.SOCKET,
        rule=f"{record.fails} failed where {record.expected:.1f} were expected, load by load",
        points=share_points(fails, {one.socket}),
        whole=len(fails),
        middle=record.expected / record.loads,
        usual="Expected",
    )
