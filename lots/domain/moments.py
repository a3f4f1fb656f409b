"""Which of two clocks a question about the past is asked by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from supplychain.base.errors import MalformedError

SEQ_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Moment:
    """As known at event seq, or as it happened by a time; exactly one of them."""

    seq: int | None = None
    happened_by: datetime | None = None

    def __post_init__(self) -> None:
        if (self.seq is None) == (self.happened_by is None):
            raise MalformedError(
                "Ask as known at an event, or as it happened by a time: exactly one of the two.",
                parameter="as_of_seq",
            )


def asked_moment(seq: str, happened_by: str) -> Moment | None:
    """The moment two words of an address name; None for two empty ones.

    MalformedError for both, for what is no number or time, and for a time without its zone.
    """
    if not seq and not happened_by:
        return None
    return Moment(_seq(seq) if seq else None, _time(happened_by) if happened_by else None)


def _seq(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) < 20 and int(word) <= SEQ_MAX):
        raise MalformedError("as_of_seq must be a whole number from 0.", parameter="as_of_seq")
    return int(word)


def _time(word: str) -> datetime:
    try:
        moment = datetime.fromisoformat(word[:16] + word[16:].replace(" ", "+"))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise MalformedError(
        "happened_by must be a time with its zone, such as 2026-03-02T14:05:00Z.",
        parameter="happened_by",
    )


def is_ahead(occurred_at: datetime, now: datetime, ahead_max: timedelta) -> bool:
    """Whether it is said to happen further ahead of now than clocks may differ."""
    return occurred_at - now > ahead_max


def refuse_future(occurred_at: datetime, now: datetime, ahead_max: timedelta) -> None:
    """MalformedError for what is said to happen further ahead than clocks may differ."""
    if is_ahead(occurred_at, now, ahead_max):
        raise MalformedError(
            f"occurred_at {occurred_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC lies ahead; it is "
            f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC here. Check the date and its zone.",
            field="occurred_at",
        )
