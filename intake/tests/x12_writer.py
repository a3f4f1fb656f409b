"""X12 files as partners write them."""

from __future__ import annotations

from collections.abc import Sequence


def isa(between: str = "*", end: str = "~", control: str = "000000001") -> str:
    elements = [
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", "MRVL".ljust(15), "ZZ", "US".ljust(15),
        "260301", "0800", "U", "00401", control, "0", "P", ">",
    ]  # fmt: skip
    return between.join(elements) + end


def body(*lines: str, shipment: str = "SHP1", counted: bool = True, lot: str = "M1") -> list[str]:
    """A shipment of one order with these item segments; each line is one HL of level I."""
    segments = [
        f"BSN*00*{shipment}*20260301*0800", "HL*1**S", "DTM*011*20260301*083000",
        "N1*SF*Marvell*92*MRVL", "HL*2*1*O", "PRF*PO1", "HL*3*2*P", "MAN*GM*00123",
    ]  # fmt: skip
    units = 0
    for number, line in enumerate(lines, 4):
        segments += [f"HL*{number}*3*I", *line.split("|"), f"REF*LT*{lot}"]
        units += sum(int(one.split("*")[2]) for one in line.split("|") if one.startswith("SN1"))
    if counted:
        segments.append(f"CTT*{len(lines) + 3}*{units}")
    return segments


def transaction(segments: Sequence[str], control: str = "0001") -> list[str]:
    inner = [f"ST*856*{control}", *segments]
    return [*inner, f"SE*{len(inner) + 1}*{control}"]


def interchange(*transactions: Sequence[str], between: str = "*", end: str = "~\n") -> bytes:
    inner = [segment for one in transactions for segment in one]
    segments = [
        "GS*SH*MRVL*US*20260301*0800*1*X*004010", *inner, f"GE*{len(transactions)}*1",
        "IEA*1*000000001",
    ]  # fmt: skip
    text = isa(between, end) + "".join(segment.replace("*", between) + end for segment in segments)
    return text.encode()


def notice(*lines: str, shipment: str = "SHP1", lot: str = "M1") -> bytes:
    return interchange(transaction(body(*lines, shipment=shipment, lot=lot)))


SERIALS = "LIN**VP*TRN2|SN1**2*EA|REF*SE*M1-A|REF*SE*M1-B"
COUNTED = "LIN**VP*TRN2|SN1**20*EA"
