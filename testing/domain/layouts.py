"""Where the sockets of a burn-in board lie: rows of names, the top row first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

SIDE_MAX = 100
NAME_CHARACTERS_MAX = 16
Rows = Sequence[Sequence[str]]
"""Names of sockets by row and column, all rows as long; "" where there is no socket."""


def layout_fault(rows: object) -> str:
    """Why this is no layout; empty for one that is."""
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        return 'Write the rows of the board as lists of names, like [["S01", "S02"], ["S03", ""]].'
    if len({len(row) for row in rows}) > 1 or not rows[0]:
        return 'Give every row as many places; "" stands where there is no socket.'
    if max(len(rows), len(rows[0])) > SIDE_MAX:
        return f"A board has at most {SIDE_MAX} rows and columns."
    names = [name for row in rows for name in row]
    if not all(isinstance(name, str) and len(name) <= NAME_CHARACTERS_MAX for name in names):
        return f"The name of a socket is a text of at most {NAME_CHARACTERS_MAX} characters."
    counts = Counter(name for name in names if name)
    if not counts:
        return "Name at least one socket."
    twice = min((name for name, count in counts.items() if count > 1), default="")
    return f"Socket {twice} stands at two places." if twice else ""


def layout_rows(places: Mapping[tuple[int, int], str]) -> list[list[str]]:
    """Rows up to the outermost place. places: row and column, from 1 → name of the socket."""
    row_count = max(row for row, _ in places)
    column_count = max(column for _, column in places)
    return [
        [places.get((row, column), "") for column in range(1, column_count + 1)]
        for row in range(1, row_count + 1)
    ]


def off_layout(names: Iterable[str], rows: Rows) -> list[str]:
    """Those that the layout does not have, in their order."""
    known = {name for row in rows for name in row}
    return [name for name in names if name not in known]
