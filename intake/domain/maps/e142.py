"""SEMI E142 substrate maps: bins of wafers, and dies carried into packages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeVar

from intake.domain.maps.grids import blank_codes_of, codes_of, refuse_ragged
from intake.domain.maps.words import (
    Axis,
    BinDefinition,
    BinMap,
    DieTransfer,
    Grid,
    MapDocument,
    MapError,
    Origin,
    PackageTransfer,
)
from intake.domain.maps.xml import Element

WAFER = "wafer"
SINGLE = frozenset({"package", "module", "device", "singulateddevice"})
Word = TypeVar("Word", bound=StrEnum)


def is_e142(root: Element) -> bool:
    """Whether the root is E142's."""
    return root.name == "MapData"


def read_e142(root: Element) -> MapDocument:
    """All overlays. MapError naming the element that cannot be read.

    Origin and axis default to LowerLeft and UpRight, as the standard says.
    """
    about = {
        (substrate.get("SubstrateType").lower(), substrate.get("SubstrateId")): substrate
        for substrate in root.each("Substrates", "Substrate")
    }
    maps: list[BinMap] = []
    transfers: list[PackageTransfer] = []
    for element in root.each("SubstrateMaps", "SubstrateMap"):
        key = (element.get("SubstrateType").lower(), element.get("SubstrateId"))
        substrate = about.get(key, element)
        if not key[1]:
            raise MapError(f"SubstrateMap in line {element.line} has no SubstrateId.")
        if key[0] == WAFER:
            maps += _bin_maps(element, substrate)
        else:
            transfers += _packages(element, substrate, _product(root))
    if not maps and not transfers:
        raise MapError("The file holds no bin map of a wafer and no transfer map into packages.")
    return MapDocument(tuple(maps), tuple(transfers))


def _product(root: Element) -> str:
    """The first product a layout names."""
    named = (layout.words("ProductId") for layout in root.each("Layouts", "Layout"))
    return next((name for name in named if name), "")


def _bin_maps(element: Element, substrate: Element) -> Iterator[BinMap]:
    for overlay in element.each("Overlay"):
        bins = overlay.first("BinCodeMap")
        if bins is None:
            continue
        where = f"Map {overlay.get('MapName')} of wafer {element.get('SubstrateId')}"
        yield BinMap(
            substrate=element.get("SubstrateId"),
            lot=substrate.words("LotId"),
            name=overlay.get("MapName"),
            version=overlay.get("MapVersion"),
            orientation=element.whole("Orientation") if element.get("Orientation") else 0,
            grid=_grid(element, bins, where),
            bins=_definitions(bins),
            created_at=substrate.words("CreateDate"),
        )


def _grid(element: Element, bins: Element, where: str) -> Grid:
    kind = bins.get("BinType")
    is_ascii = kind.lower() == "ascii"
    lines = [line for code in bins.each("BinCode") for line in code.text.splitlines()]
    if is_ascii and bins.attributes.get("NullBin", "").isspace():
        rows = tuple(blank_codes_of(line) for line in lines if line)
    else:
        drawn = [line for line in lines if line.strip()]
        rows = tuple(codes_of(line.strip() if is_ascii else line, kind) for line in drawn)
    refuse_ragged(rows, where)
    return Grid(
        rows=rows,
        origin=_word(element, "OriginLocation", Origin, Origin.LOWER_LEFT),
        axis=_word(element, "AxisDirection", Axis, Axis.UP_RIGHT),
        null_code=bins.get("NullBin"),
    )


def _definitions(bins: Element) -> tuple[BinDefinition, ...]:
    return tuple(
        BinDefinition(
            code=one.get("BinCode"),
            is_pass=one.get("BinQuality").lower() == "pass",
            count=one.whole("BinCount") if one.get("BinCount") else None,
            description=one.get("BinDescription"),
        )
        for one in bins.each("BinDefinitions", "BinDefinition")
    )


def _word(element: Element, name: str, words: type[Word], default: Word) -> Word:
    text = element.get(name)
    if not text:
        return default
    try:
        return words(text)
    except ValueError as error:
        raise MapError(
            f"{element.name} in line {element.line}: {name} is {text!r}. Known: {', '.join(words)}."
        ) from error


def _packages(element: Element, substrate: Element, product: str) -> Iterator[PackageTransfer]:
    """One for each place that dies went to: the substrate itself, or a named device on it."""
    serials = {
        (one.whole("X"), one.whole("Y")): one.text.strip()
        for one in element.each("Overlay", "DeviceIdMap", "Id")
    }
    placed: dict[tuple[int, int], list[tuple[str, int, int]]] = defaultdict(list)
    for transfer in element.each("Overlay", "TransferMap"):
        wafer = transfer.get("FromSubstrateId")
        if transfer.get("FromSubstrateType").lower() != WAFER or not wafer:
            raise MapError(
                f"TransferMap in line {transfer.line} names no wafer in FromSubstrateId."
            )
        for one in transfer.each("T"):
            place = (one.whole("TX"), one.whole("TY"))
            placed[place].append((wafer, one.whole("FX"), one.whole("FY")))
    if element.get("SubstrateType").lower() in SINGLE and not serials:
        placed = (
            {(0, 0): [die for place in sorted(placed) for die in placed[place]]} if placed else {}
        )
        serials = {(0, 0): element.get("SubstrateId")}
    for place, dies in sorted(placed.items()):
        serial = serials.get(place, "")
        if not serial:
            raise MapError(
                f"{element.get('SubstrateType')} {element.get('SubstrateId')} names no device at "
                f"{place[0]}, {place[1]}, to which dies went. Add it to the DeviceIdMap."
            )
        yield PackageTransfer(
            serial=serial,
            lot=substrate.words("LotId"),
            product=product,
            dies=tuple(
                DieTransfer(wafer, x, y, f"D{number}")
                for number, (wafer, x, y) in enumerate(dies, 1)
            ),
        )
