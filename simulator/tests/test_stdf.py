from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator

import pytest

from simulator.stdf import Limits, StdfWriter

ORDERS = pytest.mark.parametrize("order", ["<", ">"])


def framed(data: bytes, order: str) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Type and body of every record, stepping by REC_LEN as a reader must."""
    at = 0
    while at < len(data):
        length, typ, sub = struct.unpack_from(f"{order}HBB", data, at)
        yield (typ, sub), data[at + 4 : at + 4 + length]
        at += 4 + length
    assert at == len(data), "the last record is whole"


@ORDERS
def test_first_record_names_byte_order_and_version(order: str) -> None:
    (kind, body), *_ = framed(StdfWriter(order).data(), order)
    assert (kind, body) == ((0, 10), bytes([2 if order == "<" else 1, 4]))


@ORDERS
def test_every_record_is_framed_by_its_length(order: str) -> None:
    writer = StdfWriter(order)
    writer.audit_trail(1, "load")
    writer.master_information(1, 2, "P", ["LOT", "PART"])
    writer.site_description([1, 2], ["", "", "PROBE", "PC1"])
    writer.pin(1, "LANE1")
    writer.wafer_configuration(300.0, (26.0, 33.0), "D")
    writer.wafer_start(3, "W-01")
    writer.part_start(1)
    limits = Limits(0.0, None, "V")
    writer.parametric(7, 1, 0, 0.5, writer.parametric_tail("VDD", limits))
    writer.multiple(8, 1, 0, [1.0, 2.0, 3.0], writer.multiple_tail("EYE", limits, [1, 2, 3]))
    writer.functional(9, 1, 0x80, writer.functional_tail("SCAN", 100))
    writer.part_end([1, 8, 3, 5, 50, 2, 3, 1000], "17")
    writer.wafer_end(4, (1, 0, 0), "W-01")
    writer.bin(is_hard=True, number=5, count=1, passes=False, name="LOGIC")
    writer.bin(is_hard=False, number=50, count=1, passes=False, name="SCAN")
    writer.part_counts(None, 1, 0, 0)
    writer.test_synopsis(9, "F", "SCAN", 1, 1)
    writer.master_results(5)
    kinds = Counter(kind for kind, _ in framed(writer.data(), order))
    assert len(kinds) == 18
    assert set(kinds.values()) == {1}


@ORDERS
def test_value_and_limits_stand_where_the_specification_puts_them(order: str) -> None:
    writer = StdfWriter(order)
    tail = writer.parametric_tail("VDD", Limits(0.25, None, "V", 3))
    writer.parametric(70_000, 4, 0x80, 0.125, tail)
    *_, (_, body) = framed(writer.data(), order)
    assert struct.unpack_from(f"{order}IBBBBf", body) == (70_000, 1, 4, 0x80, 0, 0.125)
    assert body[12:16] == b"\x03VDD"
    option, low = body[17], struct.unpack_from(f"{order}f", body, 21)[0]
    assert (option, low) == (0b1000_1110, 0.25)


def test_reading_without_limits_ends_after_its_name() -> None:
    writer = StdfWriter()
    writer.parametric(1, 1, 0, 1.0, writer.parametric_tail("VDD", None))
    assert len(writer.records[-1]) == 4 + 12 + 4
