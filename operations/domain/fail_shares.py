"""How often a test fails, of those insertions in which it came to a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from quality.domain.intervals import wilson


@dataclass(frozen=True, slots=True)
class FailShare:
    """fails of judged insertions; the rest, 0 to 1, is None without any. low, high: 95 % (Wilson).

    unjudged: insertions that were tested and came to no verdict.
    """

    label: str
    judged: int
    fails: int
    unjudged: int = 0

    @property
    def ratio(self) -> float | None:
        """The share that fails."""
        return self.fails / self.judged if self.judged else None

    @property
    def low(self) -> float | None:
        """The least that it may be."""
        bounds = wilson(self.fails, self.judged)
        return bounds.low if bounds else None

    @property
    def high(self) -> float | None:
        """The most that it may be."""
        bounds = wilson(self.fails, self.judged)
        return bounds.high if bounds else None

    def percent(self) -> list[float] | None:
        """Share, low and high as a picture takes them."""
        if self.ratio is None or self.low is None or self.high is None:
            return None
        return [round(100 * one, 6) for one in (self.ratio, self.low, self.high)]
