"""What is planted, where and how often. Sizes of steps are in sigma between lots."""

from __future__ import annotations

from dataclasses import dataclass

from operations.management.evaluation.kinds import KINDS
from simulator.streams import Harm

LOTS = 300
BRANCHES_AT = (200, 250)
"""Lots of a stream at which troubles are tried, each on lots of its own that nothing else sees."""

TUNING_SEEDS = range(900, 1000)
"""Thresholds may be chosen on these, and are never judged on them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A trouble of a kind in KINDS. sigmas: of a step in lot yield; size: share of units lost, else
    of wafers. lots: how many lots have it. ramp_lots: lots over which it grows. where: on the
    reticle."""

    name: str
    kind: str
    steps: tuple[str, ...]
    lots: int
    sigmas: float = 0.0
    size: float = 0.0
    ramp_lots: int = 1
    where: str = ""

    @property
    def harm(self) -> Harm:
        """What is done to its lots."""
        return Harm.LEVEL if self.kind == "drop" else Harm(self.kind)

    @property
    def is_short(self) -> bool:
        """Over in a few lots, so that those behind it still have ordinary ones before them."""
        return not KINDS[self.kind].only_yields


LEVELS = ("CP1", "FT-HOT")


def step_plan(sigmas: float, ramp_lots: int = 1) -> Plan:
    """A fall of all lots from one on, at once or slowly."""
    name = f"ramp-{sigmas:g}-sigma" if ramp_lots > 1 else f"step-{sigmas:g}-sigma"
    lots = 100 if sigmas < 2 or ramp_lots > 1 else 40
    return Plan(name, "level", LEVELS, lots, sigmas, ramp_lots=ramp_lots)


PLANS = (
    Plan("drop-5-sigma", "drop", LEVELS, 1, 5.0),
    step_plan(0.5),
    step_plan(1.0),
    step_plan(2.0),
    step_plan(3.0),
    step_plan(3.0, 30),
    Plan("bin-5-points", "bin", LEVELS, 6, size=0.05),
    Plan("masked-by-retest-10-points", "masked-by-retest", ("FT-HOT",), 6, size=0.10),
    Plan("site-5-points", "site", ("FT-HOT",), 3, size=0.05),
    Plan("tester-5-points", "tester", ("FT-HOT",), 3, size=0.05),
    Plan("oven-5-points", "oven", ("FT-COLD",), 3, size=0.05),
    Plan("edge-ring-half-of-wafers", "edge-ring", ("CP1",), 1, size=0.5),
    Plan("edge-ring-fifth-of-wafers", "edge-ring", ("CP1",), 1, size=0.2),
    Plan("scratch-half-of-wafers", "scratch", ("CP1",), 1, size=0.5),
    Plan("scratch-fifth-of-wafers", "scratch", ("CP1",), 1, size=0.2),
    Plan("reticle-1-of-4-10-points", "reticle-repeater", ("CP1",), 3, size=0.10, where="2x2:1,0"),
    Plan("reticle-1-of-4-5-points", "reticle-repeater", ("CP1",), 3, size=0.05, where="2x2:1,0"),
    Plan("reticle-1-of-12-4-points", "reticle-repeater", ("CP1",), 3, size=0.04, where="3x4:2,1"),
    Plan("mix-change", "mix-change", LEVELS, 6),
    Plan("partial-wafers", "partial-wafers", ("CP1", "CP2"), 6),
    Plan("new-revision", "new-revision", LEVELS, 6),
)
