"""What people do with periods and their versions: looked at first, then done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from finance.models import Period, PeriodClose
from finance.selectors.balances import Balance
from finance.selectors.closes import (
    Difference,
    close_by_version,
    close_differences,
    close_totals,
    totals_to_keep,
)
from finance.selectors.closing import period_by_code
from finance.selectors.told import told_close
from finance.services.periods import (
    approve_restatement,
    close_period,
    foreseen_close,
    foreseen_restatement,
    give_up_restatement,
    prepare_restatement,
    refuse_approval,
    refuse_giving_up,
    refuse_reopening,
    refuse_soft_close,
    reopen_period,
    soft_close_period,
)
from lots.domain.chain import body_sha256
from supplychain.base.errors import StaleError, SupplychainError
from supplychain.base.snapshots import snapshot


@dataclass(frozen=True, slots=True)
class Asked:
    """What an act is asked for. close: the version, None for an act on the period."""

    period: Period
    close: PeriodClose | None
    actor: User
    reason: str = ""

    @property
    def version(self) -> PeriodClose:
        """Of an act on one."""
        assert self.close is not None, "the act is of a version"
        return self.close


@dataclass(frozen=True, slots=True)
class PeriodAct:
    """effect: what the person agrees to. run, look: the version that it makes or would make.

    reason: what is asked for, "" where none is.
    """

    name: str
    title: str
    icon: str
    effect: str
    done: str
    run: Callable[[Asked], PeriodClose | None]
    look: Callable[[Asked], PeriodClose | None]
    is_of_version: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What an act would do. error: why it is refused. told_sha256: of the draft and the lines."""

    error: SupplychainError | None = None
    close: PeriodClose | None = None
    lines: Sequence[Balance] = field(default=())
    totals: Mapping[str, Any] = field(default_factory=dict)
    differences: Sequence[Difference] = field(default=())
    told_sha256: str = ""


def _soft_close(asked: Asked) -> None:
    soft_close_period(period=asked.period, preparer=asked.actor)


def _look_at_soft_close(asked: Asked) -> None:
    refuse_soft_close(asked.period)


def _reopen(asked: Asked) -> None:
    reopen_period(period=asked.period, reason=asked.reason, actor=asked.actor)


def _look_at_reopening(asked: Asked) -> None:
    refuse_reopening(asked.period)


def _close(asked: Asked) -> PeriodClose:
    close_period(period=asked.period, approver=asked.actor)
    return close_by_version(asked.period.code, 1)


def _look_at_close(asked: Asked) -> PeriodClose:
    return foreseen_close(period=asked.period, approver=asked.actor)


def _restate(asked: Asked) -> PeriodClose:
    return prepare_restatement(period=asked.period, reason=asked.reason, preparer=asked.actor)


def _look_at_restatement(asked: Asked) -> PeriodClose:
    return foreseen_restatement(period=asked.period, preparer=asked.actor)


def _approve(asked: Asked) -> PeriodClose:
    return approve_restatement(close=asked.version, approver=asked.actor)


def _look_at_approval(asked: Asked) -> PeriodClose:
    refuse_approval(asked.version, asked.actor)
    return asked.version


def _give_up(asked: Asked) -> None:
    give_up_restatement(close=asked.version)


def _look_at_giving_up(asked: Asked) -> None:
    refuse_giving_up(asked.version)


PERIOD_ACTS = {
    act.name: act
    for act in [
        PeriodAct(
            "soft-close", "Prepare the close", "lock_clock",
            "From now on late facts of this period go to the next open one, marked as prior "
            "period. Somebody else approves the close. Until then it can be opened again.",
            "Prepared. Somebody else closes it now.", _soft_close, _look_at_soft_close,
        ),
        PeriodAct(
            "reopen", "Open it again", "lock_open",
            "The close that was prepared is taken back, and has to be prepared anew. From now on "
            "facts of this period are booked in it again; what went to the next one stays there.",
            "Open again.", _reopen, _look_at_reopening, reason="Why it is opened again",
        ),
        PeriodAct(
            "close", "Close the period", "lock",
            "The period is closed for ever, as the ledger stands, as version 1. What comes later "
            "is told by a restatement.",
            "Closed.", _close, _look_at_close,
        ),
        PeriodAct(
            "restate", "Prepare a restatement", "edit_calendar",
            "A next version waits for somebody else's approval. Versions before it stay, and "
            "nothing of the ledger is changed.",
            "Prepared. Somebody else approves it now.", _restate, _look_at_restatement,
            reason="Why it is restated",
        ),
        PeriodAct(
            "approve", "Approve the restatement", "verified",
            "From now on this is the version in force. It stays for ever, like those before it.",
            "Approved; it is in force.", _approve, _look_at_approval, is_of_version=True,
        ),
        PeriodAct(
            "give-up", "Give the restatement up", "undo",
            "The draft is taken back. Its facts stay in the ledger, and can be restated again.",
            "Given up. The version before it stays in force.", _give_up, _look_at_giving_up,
            is_of_version=True,
        ),
    ]
}  # fmt: skip


def look_at_period_act(act: PeriodAct, asked: Asked) -> Trial:
    """What the act would do or be refused for. Nobody waits for who looks, nor they for anybody."""
    with snapshot():
        fresh = replace(asked, period=period_by_code(asked.period.code))
        try:
            return _told(fresh, act.look(fresh))
        except SupplychainError as error:
            return Trial(error)


@transaction.atomic
def do_period_act(act: PeriodAct, asked: Asked, *, seen_sha256: str) -> None:
    """Do what was looked at. StaleError when it would tell something else by now."""
    if _told(asked, act.run(asked)).told_sha256 != seen_sha256:
        raise StaleError("The figures changed since you looked at them. Look at them again.")


def _told(asked: Asked, made: PeriodClose | None) -> Trial:
    draft = told_close(asked.close).rows if asked.close else ()
    if made is None:
        return Trial(told_sha256=body_sha256({"draft": draft}))
    lines = close_totals(made)
    before = close_by_version(asked.period.code, made.version - 1) if made.version > 1 else None
    differences = close_differences(before, made) if before else []
    totals = totals_to_keep(lines)
    told = [[str(line.bucket), line.quantity, str(line.amount)] for line in lines]
    return Trial(
        None, made, lines, totals, differences, body_sha256({"draft": draft, "told": told})
    )
