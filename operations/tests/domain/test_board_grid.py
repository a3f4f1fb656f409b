"""Sockets at their places on a board."""

from __future__ import annotations

from operations.domain.board_grid import board_grid


def test_each_socket_stands_at_its_place_and_others_are_told() -> None:
    grid = board_grid([["A1", "A2"], ["B1", ""]], {"A2": 7, "Z9": 1})
    assert list(grid.columns) == [1, 2]
    assert [[(cell.name, cell.used) for cell in row] for row in grid.rows] == [
        [("A1", None), ("A2", 7)], [("B1", None), ("", None)],
    ]  # fmt: skip
    assert grid.off == (1,)
