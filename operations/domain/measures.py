"""Measured values as people read them: five figures, scaled as the file asks, with a unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

PREFIXES = {15: "f", 12: "p", 9: "n", 6: "u", 3: "m", 0: "", -3: "k", -6: "M", -9: "G", -12: "T"}
PERCENT = 2
NOTHING = "—"


class Measured(Protocol):
    """Whatever has a unit of its own: a test, or a line about one."""

    @property
    def units(self) -> str:
        """As in the file."""

    @property
    def scale(self) -> int | None:
        """RES_SCAL; None where the file gives none."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """How values in base units are shown. unit: with its prefix; empty for a bare number.

    Source: STDF V4, RES_SCAL: the value shown is the one kept times ten to it.
    """

    factor: float
    unit: str

    def shown(self, value: float | None) -> str:
        """Without the unit, which stands in a column's head; a dash for nothing."""
        if value is None or not math.isfinite(value):
            return NOTHING
        return figures(value * self.factor)


def scaled(units: str, scale: int | None) -> Scaled:
    """A scale without a prefix of its own, or of a test without units, is passed over."""
    if scale == PERCENT:
        return Scaled(100.0, "%")
    if not units or scale not in PREFIXES:
        return Scaled(1.0, units)
    return Scaled(10.0**scale, PREFIXES[scale] + units)


def figures(value: float) -> str:
    """Five figures; powers of ten only where they save reading noughts."""
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.4e}"
    return f"{value:.5g}"
