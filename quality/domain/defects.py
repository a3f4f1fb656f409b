"""Yield from defect density, and dies a wafer has by formula. Areas in cm², densities per cm²."""

from __future__ import annotations

import math
from dataclasses import dataclass


def poisson_yield(area: float, density: float) -> float:
    """exp(-AD): defects fall independently."""
    return math.exp(-area * density)


def murphy_yield(area: float, density: float) -> float:
    """((1 - exp(-AD)) / AD)²: density varies as a triangle. 1 for no defects."""
    load = area * density
    return (-math.expm1(-load) / load) ** 2 if load else 1.0


def seeds_yield(area: float, density: float) -> float:
    """1 / (1 + AD): density varies exponentially."""
    return 1 / (1 + area * density)


def negative_binomial_yield(area: float, density: float, clustering: float) -> float:
    """(1 + AD/c)^-c; c small: defects cluster; c critical layers: the Bose-Einstein form."""
    return float((1 + area * density / clustering) ** -clustering)


@dataclass(frozen=True, slots=True)
class Densities:
    """Defects per cm² that give a yield, by model. None where the yield is 0: no bound."""

    poisson: float | None
    murphy: float | None
    seeds: float | None
    clustered: float | None
    layered: float | None


def densities(ratio: float, area: float, clustering: float, layers: int) -> Densities:
    """Each model solved for D. ratio: 0 to 1. clustering: of the negative binomial.

    layers: critical ones, of the Bose-Einstein form (1 + AD)^-n.
    """
    if ratio <= 0:
        return Densities(None, None, None, None, None)
    return Densities(
        poisson=-math.log(ratio) / area,
        murphy=_murphy_load(ratio) / area,
        seeds=(1 / ratio - 1) / area,
        clustered=clustering * math.expm1(-math.log(ratio) / clustering) / area,
        layered=math.expm1(-math.log(ratio) / layers) / area,
    )


def _murphy_load(ratio: float) -> float:
    """AD at which Murphy's yield is ratio; halving, to 1e-12 of what it lies between."""
    low, high = 0.0, 1.0
    while murphy_yield(1.0, high) > ratio:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if murphy_yield(1.0, middle) > ratio else (low, middle)
    return (low + high) / 2


def dies_by_area(diameter: float, area: float) -> float:
    """π(d/2)²/S - πd/√(2S): area less the lost rim; for comparison only."""
    return math.pi * (diameter / 2) ** 2 / area - math.pi * diameter / math.sqrt(2 * area)


def dies_by_root(diameter: float, area: float) -> float:
    """π/(4A) (d - √A)²; for comparison only. Source: Flynn."""
    return math.pi / (4 * area) * (diameter - math.sqrt(area)) ** 2


def die_cost(wafer_cost: float, dies: float, ratio: float) -> float:
    """Cost of one good die."""
    return wafer_cost / (dies * ratio)
