"""Parts without serials as people and files write them."""

from __future__ import annotations

from lots.domain.commands import Material
from supplychain.base.errors import MalformedError


def named_materials(text: str) -> tuple[Material, ...]:
    """From `lot=quantity`, with blanks, commas or new lines between them.

    MalformedError for a piece that is not of that form.
    """
    return tuple(_material(piece) for piece in text.replace(",", " ").split())


def _material(piece: str) -> Material:
    lot_code, _, quantity = piece.rpartition("=")
    if not lot_code or not quantity.isascii() or not quantity.isdigit():
        raise MalformedError(
            f"{piece} names no material. Write the lot, an equals sign and how many, as in "
            "HBM-1=8.",
            field="materials",
        )
    return Material(lot_code, int(quantity))
