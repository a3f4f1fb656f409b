"""A bin map as SEMI E142 has it, so that `read_e142` gives the same map again."""

from __future__ import annotations

from html import escape

from intake.domain.maps.words import BinDefinition, BinMap

NAMESPACE = "urn:semi-org:xsd.E142-1.V1005.SubstrateMap"
BIN_TYPE = "Decimal"


def write_e142(one: BinMap) -> bytes:
    """One wafer and one overlay. Codes are decimal numbers, rows as drawn, first row on top."""
    substrate = _attributes(SubstrateType="Wafer", SubstrateId=one.substrate)
    placed = _attributes(
        Orientation=str(one.orientation),
        OriginLocation=one.grid.origin.value,
        AxisDirection=one.grid.axis.value,
    )
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<MapData xmlns="{NAMESPACE}">',
        "<Substrates>",
        f"<Substrate{substrate}>",
        *_elements(LotId=one.lot, CreateDate=one.created_at),
        "</Substrate>",
        "</Substrates>",
        "<SubstrateMaps>",
        f"<SubstrateMap{substrate}{placed}>",
        f"<Overlay{_attributes(MapName=one.name, MapVersion=one.version)}>",
        f"<BinCodeMap{_attributes(BinType=BIN_TYPE, NullBin=one.grid.null_code)}>",
        "<BinDefinitions>",
        *(_definition(bin_) for bin_ in one.bins),
        "</BinDefinitions>",
        *(f"<BinCode>{escape(' '.join(row))}</BinCode>" for row in one.grid.rows),
        "</BinCodeMap>",
        "</Overlay>",
        "</SubstrateMap>",
        "</SubstrateMaps>",
        "</MapData>",
    ]
    return "\n".join(lines).encode()


def _definition(one: BinDefinition) -> str:
    words = {"BinCode": one.code, "BinQuality": "Pass" if one.is_pass else "Fail"}
    if one.count is not None:
        words["BinCount"] = str(one.count)
    if one.description:
        words["BinDescription"] = one.description
    return f"<BinDefinition{_attributes(**words)}/>"


def _elements(**words: str) -> list[str]:
    return [f"<{name}>{_told(text)}</{name}>" for name, text in words.items() if text]


def _attributes(**words: str) -> str:
    return "".join(f' {name}="{_told(text)}"' for name, text in words.items())


def _told(text: str) -> str:
    """Escaped, and without the control characters that XML cannot hold."""
    return escape("".join(one for one in text if one.isprintable()))
