"""A map file of either format."""

from __future__ import annotations

from typing import IO

from intake.domain.maps.e142 import is_e142, read_e142
from intake.domain.maps.g85 import is_g85, read_g85
from intake.domain.maps.words import MapDocument, MapError
from intake.domain.maps.xml import read_xml

MARKS = (b"E142", b"MapData", b"<Maps", b"<Map ", b"G85")


def looks_like_map(head: bytes) -> bool:
    """By the first bytes."""
    return b"<" in head[:200] and any(mark in head for mark in MARKS)


def read_map(stream: IO[bytes]) -> MapDocument:
    """E142 or G85. MapError for anything else."""
    root = read_xml(stream)
    if is_e142(root):
        return read_e142(root)
    if is_g85(root):
        return read_g85(root)
    raise MapError(f"The file begins with {root.name}; a wafer map begins with MapData or Map.")
