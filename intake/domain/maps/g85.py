"""SEMI G85 wafer maps: bins of wafers in one array."""

from __future__ import annotations

from collections.abc import Iterator

from intake.domain.maps.grids import blank_codes_of, codes_of, refuse_ragged
from intake.domain.maps.words import (
    Axis,
    BinDefinition,
    BinMap,
    Grid,
    MapDocument,
    MapError,
    Origin,
)
from intake.domain.maps.xml import Element

# The numbers of SEMI E5's ORLOC. G85 has no axis of its own: it grows away from the origin.
ORIGINS = {
    "0": (Origin.CENTER, Axis.UP_RIGHT),
    "1": (Origin.UPPER_RIGHT, Axis.DOWN_LEFT),
    "2": (Origin.UPPER_LEFT, Axis.DOWN_RIGHT),
    "3": (Origin.LOWER_LEFT, Axis.UP_RIGHT),
    "4": (Origin.LOWER_RIGHT, Axis.UP_LEFT),
}
ORIGIN_DEFAULT = "2"


def is_g85(root: Element) -> bool:
    """Whether the root is G85's."""
    return root.name in {"Map", "Maps"}


def read_g85(root: Element) -> MapDocument:
    """Every map of the file. MapError naming the element that cannot be read."""
    maps = [root] if root.name == "Map" else list(root.each("Map"))
    found = tuple(one for element in maps for one in _maps(element))
    if not found:
        raise MapError("The file holds no map with a Device and its Data.")
    return MapDocument(found, ())


def _maps(element: Element) -> Iterator[BinMap]:
    substrate = element.get("SubstrateId") or element.get("WaferId")
    if not substrate:
        raise MapError(f"Map in line {element.line} has no SubstrateId.")
    for device in element.each("Device"):
        for drawn in device.each("Data"):
            yield BinMap(
                substrate=substrate,
                lot=device.get("LotId"),
                name=drawn.get("MapName"),
                version=drawn.get("MapVersion") or drawn.get("Version"),
                orientation=device.whole("Orientation") if device.get("Orientation") else 0,
                grid=_grid(device, drawn, substrate),
                bins=_definitions(device),
                created_at=device.get("CreateDate"),
            )


def _grid(device: Element, drawn: Element, substrate: str) -> Grid:
    number = device.get("OriginLocation") or ORIGIN_DEFAULT
    if number not in ORIGINS:
        raise MapError(
            f"Device in line {device.line}: OriginLocation is {number!r}. Known: 0 to 4."
        )
    rows = _rows(device, drawn)
    refuse_ragged(rows, f"Map of wafer {substrate}")
    for name, count in [("Rows", len(rows)), ("Columns", len(rows[0]))]:
        if device.get(name) and device.whole(name) != count:
            raise MapError(
                f"Map of wafer {substrate}: {name} says {device.get(name)}, {count} are drawn. "
                "The map was probably cut; send it again."
            )
    origin, axis = ORIGINS[number]
    return Grid(rows=rows, origin=origin, axis=axis, null_code=device.get("NullBin"))


def _rows(device: Element, drawn: Element) -> tuple[tuple[str, ...], ...]:
    """Codes as drawn. A row is stripped, unless a blank stands for no die."""
    kind = device.get("BinType")
    texts = [row.text for row in drawn.children if row.name.lower() == "row"]
    is_ascii = kind.lower() in {"", "ascii"}
    if is_ascii and device.attributes.get("NullBin", "").isspace():
        return tuple(blank_codes_of(text) for text in texts)
    return tuple(codes_of(text.strip(), kind) for text in texts)


def _definitions(device: Element) -> tuple[BinDefinition, ...]:
    return tuple(
        BinDefinition(
            code=one.get("BinCode"),
            is_pass=one.get("BinQuality").lower() == "pass",
            count=one.whole("BinCount") if one.get("BinCount") else None,
            description=one.get("BinDescription"),
        )
        for one in device.each("Bin")
    )
