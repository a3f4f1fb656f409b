"""What an approver is shown: they approve that, and nothing that it became meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lots.domain.chain import body_sha256
from supplychain.base.errors import MalformedError, StaleError


@dataclass(frozen=True, slots=True)
class Told:
    """Something that waits for approval, as rows of text; the first says what it is."""

    rows: tuple[tuple[str, ...], ...]

    @property
    def sha256(self) -> str:
        """The same as long as every cell is."""
        return body_sha256({"told": self.rows})


def told(first: Iterable[object], rows: Iterable[Iterable[object]]) -> Told:
    """The cells as text; empty for None."""
    return Told(tuple(_texts(row) for row in (first, *rows)))


def refuse_unseen(seen: str | None, now: Told) -> None:
    """StaleError for another hash than that of what is there now; MalformedError for "".

    seen: sha256 of what the approver looked at; None for a program that made what it approves.
    """
    if seen is None:
        return
    if not seen:
        raise MalformedError(
            "Say what you looked at: read it, and send its ETag as If-Match with the approval."
        )
    if seen != now.sha256:
        raise StaleError("It changed since you looked at it. Look at it again.")


def _texts(cells: Iterable[object]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell) for cell in cells)
