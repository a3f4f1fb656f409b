"""Wafers with a known pattern in their bad dies."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator

from quality.domain.signatures import DieMap, Frame, Pattern
from quality.domain.signatures.shapes import Mask, Values

RADIUS_MM, EXCLUSION_MM = 150.0, 3.0
SHAPELESS_RATIOS = {Pattern.RANDOM: 0.3, Pattern.NEAR_FULL: 0.9}


class Wafer:
    """The dies of a 300 mm wafer, and shapes of random size and place on it."""

    def __init__(self, width_mm: float, height_mm: float) -> None:
        reach = range(-int(RADIUS_MM / min(width_mm, height_mm)) - 1, 40)
        places = [
            (column, row)
            for row in reach
            for column in reach
            if math.hypot(_far(column) * width_mm, _far(row) * height_mm)
            <= RADIUS_MM - EXCLUSION_MM
        ]
        self.x, self.y = zip(*places, strict=True)
        self.frame = Frame.around(self.x, self.y)
        self.across = (np.array(self.x) - self.frame.middle_x) / self.frame.half_x
        self.up = (np.array(self.y) - self.frame.middle_y) / self.frame.half_y
        self.radius = np.hypot(self.across, self.up)
        self.turn = np.arctan2(self.up, self.across)

    def map(self, random: Generator, pattern: Pattern, low: float, high: float) -> DieMap:
        """One wafer: dies fail at `low`, in the pattern at `high`."""
        if pattern in SHAPELESS_RATIOS:
            ratios = np.full(len(self.x), SHAPELESS_RATIOS[pattern])
        else:
            ratios = np.where(self.shape(random, pattern), high, low)
        bad = (random.random(len(self.x)) < ratios).astype(float)
        return self.of(bad, low)

    def of(self, bad: Values, usual: float) -> DieMap:
        """A map with these bad dies, where every place usually fails alike."""
        size = len(self.x)
        return DieMap(self.x, self.y, np.ones(size), bad, np.full(size, usual))

    def shape(self, random: Generator, pattern: Pattern) -> Mask:
        """(die,): where the pattern lies. Nowhere for none."""
        makers = {
            Pattern.CENTER: self._center,
            Pattern.DONUT: self._donut,
            Pattern.EDGE_RING: self._edge_ring,
            Pattern.EDGE_LOC: self._edge_loc,
            Pattern.LOC: self._loc,
            Pattern.SCRATCH: self._scratch,
        }
        return makers[pattern](random) if pattern in makers else np.zeros(len(self.x), bool)

    def _center(self, random: Generator) -> Mask:
        return np.asarray(self.radius < random.uniform(0.25, 0.5))

    def _donut(self, random: Generator) -> Mask:
        inner = random.uniform(0.25, 0.4)
        return (self.radius > inner) & (self.radius < inner + random.uniform(0.25, 0.4))

    def _edge_ring(self, random: Generator) -> Mask:
        return np.asarray(self.radius > random.uniform(0.7, 0.85))

    def _edge_loc(self, random: Generator) -> Mask:
        middle, width = random.uniform(-math.pi, math.pi), random.uniform(0.7, 1.6)
        gap = np.abs((self.turn - middle + math.pi) % (2 * math.pi) - math.pi)
        return np.asarray((self.radius > random.uniform(0.65, 0.85)) & (gap < width / 2))

    def _loc(self, random: Generator) -> Mask:
        angle, distance = random.uniform(-math.pi, math.pi), random.uniform(0.4, 0.65)
        left, height = distance * math.cos(angle), distance * math.sin(angle)
        gap = np.hypot(self.across - left, self.up - height)
        return np.asarray(gap < random.uniform(0.18, 0.32))

    def _scratch(self, random: Generator) -> Mask:
        angle, offset = random.uniform(0, math.pi), random.uniform(-0.6, 0.6)
        along = self.across * math.cos(angle) + self.up * math.sin(angle)
        beside = self.up * math.cos(angle) - self.across * math.sin(angle)
        length = random.uniform(0.9, 1.8)
        start = random.uniform(-0.9, 0.9 - length)
        pitch = max(1 / self.frame.half_x, 1 / self.frame.half_y)
        near = np.abs(beside - offset) < pitch / 2
        return np.asarray(near & (along > start) & (along < start + length))


def _far(index: int) -> int:
    """The outer edge of a cell, in cells from the centre."""
    return max(abs(index), abs(index + 1))
