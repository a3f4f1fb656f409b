"""Kinds of excursions and decoys, planted or recorded, and what a detector should say of each."""

from __future__ import annotations

from dataclasses import dataclass

from quality.domain.exposure import Factor
from quality.domain.signatures.shapes import Pattern

YIELDS = ("yield-below-limit", "yield-drift")
TOOLS = (*YIELDS, "equipment-yield")
RETESTS = (*YIELDS, "retest-rate")
REPEATER = "reticle-repeater"
SHAPES = ("wafer-signature",)
MAPS = (*SHAPES, REPEATER)
"""Detectors that look at wafer maps."""


@dataclass(frozen=True, slots=True)
class Kind:
    """right: detectors that name such a cause. factor: what kind of tool is at fault, if any.
    pattern: on wafer maps, or REPEATER. only_yields: judged by the detectors of lot yield alone, so
    that they stand beside charts of lot yield. is_decoy: not to be flagged."""

    right: tuple[str, ...] = ()
    factor: Factor | None = None
    pattern: str = ""
    only_yields: bool = False
    is_decoy: bool = False


KINDS = {
    "level": Kind(YIELDS, only_yields=True),
    "drop": Kind(YIELDS),
    "bin": Kind(("bin-above-limit",)),
    "masked-by-retest": Kind(RETESTS),
    "site": Kind(("site-yield",), Factor.SITE),
    "tester": Kind(TOOLS, Factor.TESTER),
    "oven": Kind(YIELDS, Factor.OVEN),
    "probe-card": Kind(TOOLS, Factor.PROBE_CARD),
    "load-board": Kind(TOOLS, Factor.LOAD_BOARD),
    **{one.value: Kind(SHAPES, pattern=one) for one in Pattern if one is not Pattern.NONE},
    REPEATER: Kind((REPEATER,), pattern=REPEATER),
    "mix-change": Kind(is_decoy=True),
    "partial-wafers": Kind(is_decoy=True),
    "new-revision": Kind(is_decoy=True),
    "other-decoy": Kind(is_decoy=True),
}


def tool_name(where: str, factor: Factor) -> str:
    """A tool as the bench names it: a site written as tester/site is one of head 1."""
    is_short = factor is Factor.SITE and where.count("/") == 1
    return where.replace("/", "/1/") if is_short else where
