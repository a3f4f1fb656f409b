"""What a step demands of a lot that leaves it, and what a waiver lets through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from lots.domain.commands import QUANTITY_MAX, check_text
from lots.domain.words import Gate
from supplychain.base.errors import MalformedError

WAIVER_DAYS_MAX = 180
HOUR = timedelta(hours=1)


class WaiverState(StrEnum):
    """Where a waiver stands in its life."""

    REQUESTED = "requested"
    APPROVED = "approved"
    USED_UP = "used-up"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class WaiverOrder:
    """What is asked to be waived, how many units, and from when to when (not including)."""

    gate: Gate
    reason: str
    quantity: int
    valid_from: datetime
    valid_to: datetime

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise MalformedError("A waiver needs a reason.", field="reason")
        check_text("reason", self.reason, 200)
        if not 1 <= self.quantity <= QUANTITY_MAX:
            raise MalformedError(f"quantity must be from 1 to {QUANTITY_MAX:,}.", field="quantity")
        if not timedelta(0) < self.valid_to - self.valid_from <= timedelta(days=WAIVER_DAYS_MAX):
            raise MalformedError(
                f"A waiver ends after it begins, within {WAIVER_DAYS_MAX} days.", field="valid_to"
            )


@dataclass(frozen=True, slots=True)
class Grant:
    """A waiver as the rules see it. left: units that it still lets through."""

    is_approved: bool
    is_revoked: bool
    valid_from: datetime
    valid_to: datetime
    left: int


def waiver_fault(grant: Grant, quantity: int, at: datetime) -> str:
    """Why the waiver does not let this many units pass at this instant; "" when it does."""
    if grant.is_revoked:
        return "was revoked"
    if not grant.is_approved:
        return "is not approved yet"
    if at < grant.valid_from:
        return f"begins {grant.valid_from:%Y-%m-%d %H:%M} UTC"
    if at >= grant.valid_to:
        return f"ended {grant.valid_to:%Y-%m-%d %H:%M} UTC"
    if quantity > grant.left:
        return f"has {grant.left} left of {quantity} needed"
    return ""


def waiver_state(grant: Grant, now: datetime) -> WaiverState:
    """How the waiver stands now, as one word."""
    if grant.is_revoked:
        return WaiverState.REVOKED
    if now >= grant.valid_to:
        return WaiverState.EXPIRED
    if not grant.is_approved:
        return WaiverState.REQUESTED
    return WaiverState.APPROVED if grant.left else WaiverState.USED_UP


def is_sampled(family: str, step_code: str, every: int) -> bool:
    """Whether lots of this family are measured here: one in `every`, by its code, always alike.

    family: the code of the lot that all of them were split from.
    """
    digest = sha256(f"{family}\n{step_code}".encode()).digest()
    return int.from_bytes(digest[:8]) % every == 0


def hours_waited(entered_at: datetime, until: datetime) -> float:
    """Hours from arriving at a step to an instant; 0 when the instant is earlier."""
    return max((until - entered_at) / HOUR, 0.0)


def least_wait(hours: float, work_days_max: float) -> float:
    """Hours that must have been waiting, of a stay whose work takes so many days at most.

    0 where nobody said how long the work takes: then nothing is known.
    """
    return max(hours - 24 * work_days_max, 0.0) if work_days_max else 0.0


def overtime(hours: float, hours_max: float | None) -> str:
    """What is over in words; "" within the limit (closed) or without one."""
    if hours_max is None or hours <= hours_max:
        return ""
    return f"{hours:.1f} hours waited, {hours_max:g} allowed"
