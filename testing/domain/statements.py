"""What files state of a program's tests and bins, and whose word stands where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LimitStatement:
    """Limits in base units; None = none. scale: display exponent."""

    kind: str
    units: str
    scale: int | None
    limit_low: float | None
    limit_high: float | None

    @property
    def is_silent(self) -> bool:
        """A file that is damaged, or has no record with limits, says nothing of them."""
        return not self.units and self.limit_low is None and self.limit_high is None


@dataclass(frozen=True, slots=True)
class BinStatement:
    """passes: None where the file does not say."""

    name: str
    passes: bool | None

    @property
    def is_silent(self) -> bool:
        """Neither a name nor a verdict."""
        return not self.name and self.passes is None


@dataclass(frozen=True, slots=True, order=True)
class Authority:
    """Of statements that differ, the least stands, whichever came first.

    Runs that count go before those that do not, statements before silence, then the run that began
    first, then the lesser SHA-256: so a revision's limits and bins follow from its files alone.
    """

    is_left: bool
    is_silent: bool
    started_at: datetime
    sha256: str
