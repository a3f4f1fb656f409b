"""What is planted, where and how often. Sizes of steps are in sigma between lots."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.streams import Harm

LOTS = 300
BRANCHES_AT = (200, 250)
"""Lots of a stream at which troubles are tried, each on lots of its own that nothing else sees."""

TUNING_SEEDS = range(900, 1000)
"""Thresholds may be chosen on these, and are never judged on them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A kind of trouble. sigmas: of a step in lot yield; size: share of units lost, else of wafers.
    lots: how many lots have it. right: detectors that name its cause. is_decoy: not to be flagged.
    ramp_lots: lots over which it grows. only_yields: judged by the detectors of lot yield alone.
    """

    name: str
    harm: Harm
    steps: tuple[str, ...]
    lots: int
    right: tuple[str, ...]
    sigmas: float = 0.0
    size: float = 0.0
    ramp_lots: int = 1
    is_decoy: bool = False
    only_yields: bool = False


TOOLS = (Harm.SITE, Harm.TESTER, Harm.OVEN)
LEVELS = ("CP1", "FT-HOT")
YIELDS = ("yield-below-limit", "yield-drift")
RETESTS = (*YIELDS, "retest-rate")
SHAPES = ("wafer-signature",)


def step_plan(sigmas: float, ramp_lots: int = 1) -> Plan:
    """A fall of all lots from one on, at once or slowly."""
    name = f"ramp-{sigmas:g}-sigma" if ramp_lots > 1 else f"step-{sigmas:g}-sigma"
    lots = 100 if sigmas < 2 or ramp_lots > 1 else 40
    return Plan(name, Harm.LEVEL, LEVELS, lots, YIELDS, sigmas, 0.0, ramp_lots, only_yields=True)


PLANS = (
    Plan("drop-5-sigma", Harm.LEVEL, LEVELS, 1, YIELDS, 5.0),
    step_plan(0.5),
    step_plan(1.0),
    step_plan(2.0),
    step_plan(3.0),
    step_plan(3.0, 30),
    Plan("bin-5-points", Harm.BIN, LEVELS, 6, ("bin-above-limit",), size=0.05),
    Plan("masked-by-retest-10-points", Harm.MASKED, ("FT-HOT",), 6, RETESTS, size=0.10),
    Plan("site-5-points", Harm.SITE, ("FT-HOT",), 3, ("site-yield",), size=0.05),
    Plan("tester-5-points", Harm.TESTER, ("FT-HOT",), 3, YIELDS, size=0.05),
    Plan("oven-5-points", Harm.OVEN, ("FT-COLD",), 3, YIELDS, size=0.05),
    Plan("edge-ring-half-of-wafers", Harm.EDGE_RING, ("CP1",), 1, SHAPES, size=0.5),
    Plan("edge-ring-fifth-of-wafers", Harm.EDGE_RING, ("CP1",), 1, SHAPES, size=0.2),
    Plan("scratch-half-of-wafers", Harm.SCRATCH, ("CP1",), 1, SHAPES, size=0.5),
    Plan("scratch-fifth-of-wafers", Harm.SCRATCH, ("CP1",), 1, SHAPES, size=0.2),
    Plan("mix-change", Harm.OTHER_PRODUCT, LEVELS, 6, (), is_decoy=True),
    Plan("partial-wafers", Harm.PARTIAL, ("CP1", "CP2"), 6, (), is_decoy=True),
    Plan("new-revision", Harm.NEW_REVISION, LEVELS, 6, (), is_decoy=True),
)
