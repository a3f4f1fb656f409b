"""What lots and units were on: tools by kind, and how many units passed on each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from quality.domain.dispersion import Count

WINDOWS = (3, 6, 12)
"""A tool is judged on its newest lots: it may have been good before."""


class Factor(StrEnum):
    """What lots and units have in common."""

    TESTER = "tester"
    PROBE_CARD = "probe card"
    LOAD_BOARD = "load board"
    SITE = "site"
    OVEN = "oven"
    BURN_IN_BOARD = "burn-in board"
    TIME = "time"


@dataclass(frozen=True, slots=True, order=True)
class Tool:
    """A thing that units were on. A site is named tester/head/site."""

    factor: Factor
    name: str

    def __str__(self) -> str:
        return f"{self.factor} {self.name}"

    @property
    def tester(self) -> Tool | None:
        """What a site is part of; None for other tools. Head and site are numbers, a tester's name
        may hold a slash."""
        if self.factor is not Factor.SITE:
            return None
        return Tool(Factor.TESTER, self.name.rsplit("/", 2)[0])


@dataclass(frozen=True, slots=True)
class LotExposure:
    """One lot at one step: all its units, and those on each tool. passed: at first insertion."""

    lot: str
    total: Count
    tools: Mapping[Tool, Count]
