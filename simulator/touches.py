"""Who was touched by a tester, in which order, and what failed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.stdf import MISSING_XY


@dataclass(frozen=True, slots=True)
class Touches:
    """Parts in order of testing; arrays are (part,).

    wafer: index into wafer_ids, -1 = none; x, y: -32768 = none; group: rises with each touch-down;
    failing: index of the first test failed, -1 = passed all.
    """

    wafer_ids: tuple[str, ...]
    part_ids: tuple[str, ...]
    wafer: np.ndarray
    x: np.ndarray
    y: np.ndarray
    site: np.ndarray
    group: np.ndarray
    failing: np.ndarray
    is_retest: np.ndarray

    def part(self, chosen: slice | np.ndarray) -> Touches:
        """Some of the parts, in the same order."""
        indexes = np.arange(len(self.part_ids))[chosen]
        return Touches(
            self.wafer_ids,
            tuple(self.part_ids[index] for index in indexes),
            *(
                column[chosen]
                for column in (
                    self.wafer,
                    self.x,
                    self.y,
                    self.site,
                    self.group,
                    self.failing,
                    self.is_retest,
                )
            ),
        )


def packaged(serials: tuple[str, ...], site_count: int, failing: np.ndarray) -> Touches:
    """First touches of packaged parts, filling the sites in turn."""
    order = np.arange(len(serials))
    none = np.full(len(serials), MISSING_XY)
    return Touches(
        (),
        serials,
        np.full(len(serials), -1),
        none,
        none,
        order % site_count + 1,
        order // site_count,
        failing,
        np.zeros(len(serials), bool),
    )


def again(first: Touches, chosen: np.ndarray, failing: np.ndarray) -> Touches:
    """Retests of the chosen parts, one at a time on their old site. failing: (chosen,)."""
    picked = first.part(chosen)
    groups = int(first.group.max(initial=-1)) + 1 + np.arange(len(chosen))
    return Touches(
        picked.wafer_ids,
        picked.part_ids,
        picked.wafer,
        picked.x,
        picked.y,
        picked.site,
        groups,
        failing,
        np.ones(len(chosen), bool),
    )


def joined(pieces: list[Touches]) -> Touches:
    """Pieces one after the other; groups are renumbered so that they keep rising."""
    offsets = np.cumsum([0, *(int(piece.group.max(initial=-1)) + 1 for piece in pieces[:-1])])
    groups = [piece.group + offset for piece, offset in zip(pieces, offsets, strict=True)]
    return Touches(
        pieces[0].wafer_ids,
        tuple(part_id for piece in pieces for part_id in piece.part_ids),
        np.concatenate([piece.wafer for piece in pieces]),
        np.concatenate([piece.x for piece in pieces]),
        np.concatenate([piece.y for piece in pieces]),
        np.concatenate([piece.site for piece in pieces]),
        np.concatenate(groups),
        np.concatenate([piece.failing for piece in pieces]),
        np.concatenate([piece.is_retest for piece in pieces]),
    )


def runs(column: np.ndarray) -> list[tuple[int, int]]:
    """Start and end of each stretch of parts of the same value."""
    edges = np.flatnonzero(np.diff(column)) + 1
    return list(zip([0, *edges.tolist()], [*edges.tolist(), len(column)], strict=True))
