"""STDF records by hand, in either byte order, for tests.

Not by the writer of the domain: it shares its layouts with the readers, and so their mistakes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

START = 1_760_000_000
RESULT_INVALID, FAILED = 0x02, 0x80


def cn(text: str | bytes) -> bytes:
    raw = text if isinstance(text, bytes) else text.encode("latin-1")
    return bytes([len(raw)]) + raw


@dataclass(frozen=True)
class Writer:
    """mark: "<" little-endian, ">" big-endian."""

    mark: str = "<"

    def pack(self, layout: str, *values: Any) -> bytes:
        return struct.pack(self.mark + layout, *values)

    def record(self, major: int, minor: int, body: bytes = b"") -> bytes:
        return self.pack("HBB", len(body), major, minor) + body

    def far(self, cpu: int | None = None, version: int = 4) -> bytes:
        known = 2 if self.mark == "<" else 1
        return self.record(0, 10, bytes([known if cpu is None else cpu, version]))

    def mir(self, **words: Any) -> bytes:
        names = [
            "lot", "part_type", "node", "tester", "job", "revision", "sublot", "operator",
            "exec", "exec_version", "test_code", "temperature", "user", "aux", "package",
            "family", "date", "facility", "floor", "process", "frequency", "spec",
            "spec_version", "flow",
        ]  # fmt: skip
        defaults = {"lot": "L1", "part_type": "P1", "node": "T1", "tester": "93K", "job": "SORT"}
        values = {**defaults, "revision": "1", **words}
        times = (values.get("setup_at", START), values.get("start_at", START + 60), 1)
        fixed = self.pack("IIB", *times) + b"PN " + self.pack("H", 0xFFFF) + b" "
        return self.record(1, 10, fixed + b"".join(cn(values.get(name, "")) for name in names))

    def mrr(self, finish_at: int = START + 3600) -> bytes:
        return self.record(1, 20, self.pack("I", finish_at))

    def sdr(self, *sites: int, head: int = 1, group: int = 255, **words: str) -> bytes:
        names = ["handler_type", "handler", "card_type", "card", "load_type", "load", "dib_type"]
        texts = b"".join(cn(words.get(name, "")) for name in [*names, "dib"])
        return self.record(1, 80, bytes([head, group, len(sites), *sites]) + texts)

    def wir(self, wafer: str = "W1", head: int = 1, group: int = 255) -> bytes:
        return self.record(2, 10, bytes([head, group]) + self.pack("I", START + 70) + cn(wafer))

    def wrr(
        self, wafer: str = "", head: int = 1, group: int = 255, parts: int = 2, good: int = 1
    ) -> bytes:
        counts = self.pack("IIIIII", START + 900, parts, 0xFFFFFFFF, 0xFFFFFFFF, good, 0xFFFFFFFF)
        return self.record(2, 20, bytes([head, group]) + counts + cn(wafer))

    def wcr(self, die: tuple[float, float] = (26.0, 33.0), unit: int = 3) -> bytes:
        sizes = self.pack("fffB", 300.0, die[1], die[0], unit)
        return self.record(2, 30, sizes + b"D" + self.pack("hh", 0, 1) + b"RU")

    def pir(self, site: int = 1, head: int = 1) -> bytes:
        return self.record(5, 10, bytes([head, site]))

    def prr(
        self,
        site: int = 1,
        head: int = 1,
        *,
        flag: int = 0,
        bins: tuple[int, int] = (1, 1),
        place: tuple[int, int] = (-32768, -32768),
        part: str = "",
        time: int = 0,
    ) -> bytes:
        fixed = self.pack("BBBHHHhhI", head, site, flag, 1, *bins, *place, time)
        return self.record(5, 20, fixed + cn(part))

    def ptr(
        self,
        number: int = 1,
        value: float = 1.0,
        tail: bytes = b"",
        site: int = 1,
        flag: int = 0,
        head: int = 1,
    ) -> bytes:
        return self.record(15, 10, self.pack("IBBBBf", number, head, site, flag, 0, value) + tail)

    def tail(
        self,
        text: str = "",
        option: int = 0x0E,
        limits: tuple[float, float] = (0.0, 2.0),
        units: str = "V",
        scale: int = 3,
    ) -> bytes:
        fixed = self.pack("Bbbbff", option, scale, 0, 0, *limits)
        return cn(text) + cn("") + fixed + cn(units)

    def mpr(self, number: int, values: list[float], text: str = "", flag: int = 0) -> bytes:
        pins = len(values)
        fixed = self.pack("IBBBBHH", number, 1, 1, flag, 0, pins, pins)
        states = bytes((pins + 1) // 2)
        results = b"".join(self.pack("f", value) for value in values)
        optional = self.pack("Bbbbffff", 0x0E, 0, 0, 0, 0.0, 5.0, 0.0, 0.0)
        indexes = b"".join(self.pack("H", pin) for pin in range(pins))
        tail = cn(text) + cn("") + optional + indexes + cn("A")
        return self.record(15, 15, fixed + states + results + tail)

    def ftr(self, number: int = 9, text: str = "scan", flag: int = 0, site: int = 1) -> bytes:
        fixed = self.pack("IBBBBIIIIiihHH", number, 1, site, flag, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1)
        arrays = self.pack("HBHB", 3, 0, 4, 0) + self.pack("H", 5) + b"\x1f"
        texts = cn("vector") + cn("") + cn("") + cn(text)
        return self.record(15, 20, fixed + arrays + texts)

    def hbr(
        self, number: int, count: int, passes: str = "P", name: str = "", head: int = 255
    ) -> bytes:
        fixed = self.pack("BBHI", head, head != 255, number, count)
        return self.record(1, 40, fixed + passes.encode() + cn(name))

    def sbr(self, number: int, count: int, passes: str = " ", name: str = "") -> bytes:
        fixed = self.pack("BBHI", 255, 0, number, count)
        return self.record(1, 50, fixed + passes.encode() + cn(name))

    def pcr(self, count: int, head: int = 255, good: int = 0xFFFFFFFF) -> bytes:
        return self.record(1, 30, self.pack("BBIIII", head, head != 255, count, 0, 0, good))

    def dtr(self, text: str) -> bytes:
        return self.record(50, 30, cn(text))

    def tsr(self, number: int, count: int, head: int = 255) -> bytes:
        return self.record(10, 30, self.pack("BBBIIII", head, head != 255, 80, number, count, 0, 0))

    def file(self, *records: bytes, **words: Any) -> bytes:
        """FAR and MIR, the records, and MRR."""
        return b"".join([self.far(), self.mir(**words), *records, self.mrr()])


def sort_file(
    mark: str = "<",
    *,
    wafers: tuple[str, ...] = ("W1",),
    dies: int = 4,
    fails: int = 1,
    **words: Any,
) -> bytes:
    """A wafer sort: dies in a row, the first ones failing, one PTR each."""
    writer = Writer(mark)
    records: list[bytes] = []
    for wafer in wafers:
        records.append(writer.wir(wafer))
        for x in range(dies):
            is_bad = x < fails
            records += [
                writer.pir(),
                writer.ptr(100, float(x), writer.tail("idd"), flag=FAILED if is_bad else 0),
                writer.prr(
                    flag=8 if is_bad else 0, bins=(2, 20) if is_bad else (1, 1), place=(x, 0)
                ),
            ]
        records.append(writer.wrr(wafer, parts=dies, good=dies - fails))
    return writer.file(*records, **words)


def final_test_file(*parts: tuple[str, bool], mark: str = "<", **words: Any) -> bytes:
    """Packages by id, passed or not."""
    writer = Writer(mark)
    records: list[bytes] = []
    for part, is_good in parts:
        records += [
            writer.pir(),
            writer.ptr(100, 1.0, writer.tail("vdd"), flag=0 if is_good else FAILED),
            writer.prr(flag=0 if is_good else 8, bins=(1, 1) if is_good else (5, 50), part=part),
        ]
    return writer.file(*records, **words)
