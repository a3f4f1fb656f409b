"""Sockets of a burn-in board as its layout draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cell(Generic[T]):
    """A place of a board. name: of its socket, "" for none. used: None where nothing was in it."""

    name: str
    used: T | None


@dataclass(frozen=True, slots=True)
class Grid(Generic[T]):
    """rows: by the layout, all as long. off: sockets that it does not have."""

    rows: tuple[tuple[Cell[T], ...], ...]
    off: tuple[T, ...]

    @property
    def columns(self) -> range:
        """Numbers of the columns, from 1."""
        return range(1, len(self.rows[0]) + 1)


def board_grid(rows: Sequence[Sequence[str]], sockets: Mapping[str, T]) -> Grid[T]:
    """Sockets by name, each at its place."""
    known = {name for row in rows for name in row}
    return Grid(
        tuple(tuple(Cell(name, sockets.get(name)) for name in row) for row in rows),
        tuple(used for name, used in sockets.items() if name not in known),
    )
