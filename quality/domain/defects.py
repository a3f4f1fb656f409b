"""Yield from defect density, and dies a wafer has by formula. Areas in cm², densities per cm²."""

from __future__ import annotations

import math


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


def dies_by_area(diameter: float, area: float) -> float:
    """π(d/2)²/S - πd/√(2S): area less the lost rim; for comparison only."""
    return math.pi * (diameter / 2) ** 2 / area - math.pi * diameter / math.sqrt(2 * area)


def dies_by_root(diameter: float, area: float) -> float:
    """π/(4A) (d - √A)²; for comparison only. Source: Flynn."""
    return math.pi / (4 * area) * (diameter - math.sqrt(area)) ** 2


def die_cost(wafer_cost: float, dies: float, ratio: float) -> float:
    """Cost of one good die."""
    return wafer_cost / (dies * ratio)
