"""How a figure and its floor are printed."""

from __future__ import annotations

import sys


def tell(what: str, measured: float, floor: float, unit: str, bound: str) -> None:
    """One line: the figure, its floor, and the first over the second. bound: what is asked."""
    figures = f"{measured:12,.4g} {unit:7} floor {floor:12,.4g}  ratio {measured / floor:6.2f}"
    sys.stdout.write(f"{what:44} {figures}  ({bound})\n")
    sys.stdout.flush()


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
