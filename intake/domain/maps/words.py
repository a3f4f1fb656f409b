"""What both map formats say: which die lies where, and what its bin means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from intake.domain.errors import FileRefusedError


class MapError(FileRefusedError):
    """The document is no wafer map that we read; the detail names the element."""

    code = "bad-map"
    title = "The wafer map cannot be read"


class Origin(StrEnum):
    """Where die 0, 0 lies in the grid as drawn."""

    UPPER_LEFT = "UpperLeft"
    UPPER_RIGHT = "UpperRight"
    LOWER_LEFT = "LowerLeft"
    LOWER_RIGHT = "LowerRight"
    CENTER = "Center"


class Axis(StrEnum):
    """Which way y and x grow in the grid as drawn."""

    UP_RIGHT = "UpRight"
    UP_LEFT = "UpLeft"
    DOWN_RIGHT = "DownRight"
    DOWN_LEFT = "DownLeft"


@dataclass(frozen=True, slots=True)
class BinDefinition:
    """What a code stands for. count: as the file states it; None = not stated."""

    code: str
    is_pass: bool
    count: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Codes as drawn: first row on top, first column left. null_code: no die there."""

    rows: tuple[tuple[str, ...], ...]
    origin: Origin
    axis: Axis
    null_code: str


@dataclass(frozen=True, slots=True)
class BinMap:
    """One wafer's bins. substrate: the wafer's scribe. orientation: degrees of the notch."""

    substrate: str
    lot: str
    name: str
    version: str
    orientation: int
    grid: Grid
    bins: tuple[BinDefinition, ...]
    created_at: str = ""


@dataclass(frozen=True, slots=True)
class DieTransfer:
    """A die that went into a package. position: its place there."""

    wafer: str
    x: int
    y: int
    position: str


@dataclass(frozen=True, slots=True)
class PackageTransfer:
    """One package, by serial, and the dies in it."""

    serial: str
    lot: str
    product: str
    dies: tuple[DieTransfer, ...]


@dataclass(frozen=True, slots=True)
class MapDocument:
    """All that one file says."""

    maps: tuple[BinMap, ...]
    transfers: tuple[PackageTransfer, ...]
