"""What people do with periods and their versions: tried first and taken back, then done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction

from finance.models import Period, PeriodClose
from finance.selectors.balances import Balance
from finance.selectors.closes import (
    Difference,
    close_by_version,
    close_differences,
    close_totals,
)
from finance.services import (
    approve_restatement,
    close_period,
    give_up_restatement,
    prepare_restatement,
    soft_close_period,
)
from lots.domain.chain import body_sha256
from supplychain.base.errors import StaleError, SupplychainError

TRIAL_REASON = "looked at, not done"


@dataclass(frozen=True, slots=True)
class PeriodAct:
    """effect: what the person agrees to. run: period, version or None, actor, reason."""

    name: str
    title: str
    icon: str
    effect: str
    done: str
    run: Callable[[Period, PeriodClose | None, User, str], PeriodClose | None]
    is_of_version: bool = False
    asks_reason: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """What an act would do. error: why it is refused. told_sha256: of lines, differences."""

    error: SupplychainError | None = None
    close: PeriodClose | None = None
    lines: Sequence[Balance] = field(default=())
    differences: Sequence[Difference] = field(default=())
    told_sha256: str = ""


def _soft_close(
    period: Period, close: PeriodClose | None, actor: User, reason: str
) -> PeriodClose | None:
    soft_close_period(period=period, preparer=actor)
    return None


def _close(
    period: Period, close: PeriodClose | None, actor: User, reason: str
) -> PeriodClose | None:
    close_period(period=period, approver=actor)
    return close_by_version(period.code, 1)


def _restate(
    period: Period, close: PeriodClose | None, actor: User, reason: str
) -> PeriodClose | None:
    return prepare_restatement(period=period, reason=reason, preparer=actor)


def _approve(
    period: Period, close: PeriodClose | None, actor: User, reason: str
) -> PeriodClose | None:
    assert close is not None, "the act is of a version"
    return approve_restatement(close=close, approver=actor)


def _give_up(
    period: Period, close: PeriodClose | None, actor: User, reason: str
) -> PeriodClose | None:
    assert close is not None, "the act is of a version"
    give_up_restatement(close=close)
    return None


PERIOD_ACTS = {
    act.name: act
    for act in [
        PeriodAct(
            "soft-close", "Prepare the close", "lock_clock",
            "From now on late facts of this period go to the next open one, marked as prior "
            "period. Somebody else approves the close. It cannot be opened again.",
            "Prepared. Somebody else closes it now.", _soft_close,
        ),
        PeriodAct(
            "close", "Close the period", "lock",
            "The period is closed for ever, as the ledger stands, as version 1. What comes later "
            "is told by a restatement.",
            "Closed.", _close,
        ),
        PeriodAct(
            "restate", "Prepare a restatement", "edit_calendar",
            "A next version waits for somebody else's approval. Versions before it stay, and "
            "nothing of the ledger is changed.",
            "Prepared. Somebody else approves it now.", _restate, asks_reason=True,
        ),
        PeriodAct(
            "approve", "Approve the restatement", "verified",
            "From now on this is the version in force. It stays for ever, like those before it.",
            "Approved; it is in force.", _approve, is_of_version=True,
        ),
        PeriodAct(
            "give-up", "Give the restatement up", "undo",
            "The draft is taken back. Its facts stay in the ledger, and can be restated again.",
            "Given up. The version before it stays in force.", _give_up, is_of_version=True,
        ),
    ]
}  # fmt: skip


def try_period_act(
    *, act: PeriodAct, period: Period, close: PeriodClose | None, actor: User
) -> Trial:
    """What the act would do or be refused for, taken back at once."""
    with transaction.atomic():
        try:
            trial = _run(act, period, close, actor, TRIAL_REASON)
        except SupplychainError as error:
            trial = Trial(error)
        transaction.set_rollback(True)
    return trial


@transaction.atomic
def do_period_act(
    *,
    act: PeriodAct,
    period: Period,
    close: PeriodClose | None,
    actor: User,
    reason: str,
    seen_sha256: str,
) -> None:
    """Do what was looked at. StaleError when it would tell something else by now."""
    trial = _run(act, period, close, actor, reason)
    if trial.told_sha256 != seen_sha256:
        raise StaleError("The figures changed since you looked at them. Look at them again.")


def _run(
    act: PeriodAct, period: Period, close: PeriodClose | None, actor: User, reason: str
) -> Trial:
    made = act.run(period, close, actor, reason)
    if made is None:
        return Trial()
    lines = close_totals(made)
    before = close_by_version(period.code, made.version - 1) if made.version > 1 else None
    differences = close_differences(before, made) if before else []
    told = [[str(line.bucket), line.quantity, str(line.amount)] for line in lines]
    return Trial(None, made, lines, differences, body_sha256({"told": told}))
