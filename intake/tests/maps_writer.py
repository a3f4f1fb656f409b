"""Wafer maps as partners draw them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

GOOD, BAD, NONE = "01", "02", "FF"


def definitions(rows: Sequence[str], name: str = "BinDefinition") -> str:
    counts = Counter(row[start : start + 2] for row in rows for start in range(0, len(row), 2))
    return "".join(
        f'<{name} BinCode="{code}" BinCount="{counts[code]}" BinQuality="{quality}"/>'
        for code, quality in [(GOOD, "Pass"), (BAD, "Fail")]
    )


def e142(
    *rows: str, wafer: str = "W1-01", origin: str = "UpperLeft", axis: str = "DownRight"
) -> bytes:
    drawn = "".join(f"<BinCode>{row}</BinCode>" for row in rows)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<MapData xmlns="urn:semi-org:xsd.E142-1.V1005.SubstrateMap">
<Substrates><Substrate SubstrateType="Wafer" SubstrateId="{wafer}"><LotId>W1</LotId>
<CreateDate>20260302080000</CreateDate></Substrate></Substrates>
<SubstrateMaps><SubstrateMap SubstrateType="Wafer" SubstrateId="{wafer}" Orientation="0"
 OriginLocation="{origin}" AxisDirection="{axis}"><Overlay MapName="Sort" MapVersion="1">
<BinCodeMap BinType="HexaDecimal" NullBin="FF"><BinDefinitions>{definitions(rows)}</BinDefinitions>
{drawn}</BinCodeMap></Overlay></SubstrateMap></SubstrateMaps></MapData>""".encode()


def g85(*rows: str, wafer: str = "W1-01", origin: str = "2", extra: str = "") -> bytes:
    drawn = "".join(f"<Row><![CDATA[{row}]]></Row>" for row in rows)
    return f"""<Maps><Map xmlns:semi="http://www.semi.org" SubstrateType="Wafer"
 SubstrateId="{wafer}" FormatRevision="G85-0703"><Device LotId="W1" Orientation="0"
 BinType="HexaDecimal" NullBin="FF" OriginLocation="{origin}" Rows="{len(rows)}" {extra}>
{definitions(rows, "Bin")}<Data MapName="Sort">{drawn}</Data></Device></Map></Maps>""".encode()


def transfers(
    *moves: tuple[int, int, int, int],
    wafer: str = "W1-01",
    serials: dict[tuple[int, int], str] | None = None,
    lot: str = "C1",
) -> bytes:
    """From x, y on the wafer to x, y on a tray, whose devices have serials."""
    moved = "".join(f'<T FX="{fx}" FY="{fy}" TX="{tx}" TY="{ty}"/>' for fx, fy, tx, ty in moves)
    named = "".join(
        f'<Id X="{x}" Y="{y}">{serial}</Id>' for (x, y), serial in (serials or {}).items()
    )
    return f"""<MapData xmlns="urn:semi-org:xsd.E142-1.V1005.SubstrateMap">
<Layouts><Layout LayoutId="T"><ProductId>TRN3</ProductId></Layout></Layouts>
<Substrates><Substrate SubstrateType="Tray" SubstrateId="TR1"><LotId>{lot}</LotId></Substrate>
</Substrates><SubstrateMaps><SubstrateMap SubstrateType="Tray" SubstrateId="TR1">
<Overlay MapName="Ids"><DeviceIdMap>{named}</DeviceIdMap></Overlay><Overlay MapName="From">
<TransferMap FromSubstrateType="Wafer" FromSubstrateId="{wafer}">{moved}</TransferMap></Overlay>
</SubstrateMap></SubstrateMaps></MapData>""".encode()
