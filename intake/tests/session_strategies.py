"""Sessions made at random as bytes: parts, tests and wafers in every form that kernels tell apart.

Written by `stdf_builder`, not by the writer of the domain.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from hypothesis import strategies as st

from intake.tests.stdf_builder import FAILED, Writer, cn

Key: TypeAlias = tuple[int, int]
Draw: TypeAlias = st.DrawFn

keys = st.tuples(st.sampled_from([1, 1, 1, 0, 2, 255]), st.sampled_from([1, 2, 0]))
numbers = st.sampled_from([1, 2, 2**32 - 1])
texts = st.sampled_from(["", "a", " a ", "vdd", "vddcore 1", "vddcore 2", "vddcore 1\0"])
flags = st.one_of(st.sampled_from([0, FAILED]), st.integers(0, 255))
options = st.one_of(st.sampled_from([0x0E, 0x00, 0x3F, 0xC0]), st.integers(0, 255))
floats = st.one_of(
    st.sampled_from([0.0, -0.0, 1.5, -3.25e-7]), st.floats(width=32), st.just(3.4028234663852886e38)
)
bits = st.integers(0, 2**32 - 1)
u2s = st.one_of(st.sampled_from([1, 0xFFFF]), st.integers(0, 0xFFFF))
i2s = st.one_of(st.sampled_from([-32768, 3]), st.integers(-32768, 32767))
u4s = st.one_of(st.sampled_from([0, 900, 2**32 - 1]), st.integers(0, 2**32 - 1))
few = st.integers(0, 5)


class Session:
    """Draws records in one byte order."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.writer = Writer(draw(st.sampled_from("<>")))

    def real(self) -> bytes:
        """An R*4, sometimes any four bytes."""
        if self.draw(st.integers(0, 5)):
            return self.writer.pack("f", self.draw(floats))
        return self.writer.pack("I", self.draw(bits))

    def text(self) -> bytes:
        return cn(self.draw(texts))

    def record(self, major: int, minor: int, fields: Sequence[bytes]) -> bytes:
        """All fields, those up to one, up to within one, or all and more."""
        how = self.draw(st.sampled_from(["all", "all", "all", "fewer", "fewer", "cut", "more"]))
        kept = len(fields) if how in {"all", "more"} else self.draw(st.integers(0, len(fields)))
        body = b"".join(fields[:kept])
        if how == "cut" and kept < len(fields):
            body += fields[kept][: self.draw(st.integers(0, len(fields[kept])))]
        return self.writer.record(major, minor, body + (b"\x05ab" if how == "more" else b""))

    def scales(self) -> list[bytes]:
        """OPT_FLAG to HI_LIMIT."""
        scale = self.draw(st.integers(-128, 127))
        numbers = [self.draw(options).to_bytes(1, "little"), struct.pack("b", scale), b"\0", b"\0"]
        return [*numbers, self.real(), self.real()]

    def test(self, key: Key) -> list[bytes]:
        """TEST_NUM to TEST_FLG."""
        number = self.writer.pack("I", self.draw(numbers))
        return [number, *(bytes([one]) for one in (*key, self.draw(flags)))]

    def ptr(self, key: Key) -> bytes:
        fields = [*self.test(key), b"\0", self.real(), self.text(), self.text(), *self.scales()]
        return self.record(15, 10, [*fields, self.text(), self.text(), b"\0", b"\0", bytes(4)])

    def mpr(self, key: Key) -> bytes:
        pins, count = self.draw(few), self.draw(few)
        u2 = self.writer.pack
        states = bytes(range(0x21, 0x21 + (pins + 1) // 2))
        values = b"".join(self.real() for _ in range(count))
        head = [*self.test(key), b"\0", u2("H", pins), u2("H", count), states, values]
        tail = [self.text(), self.text(), *self.scales(), self.real(), self.real()]
        indexes = b"".join(u2("H", pin) for pin in range(pins))
        return self.record(15, 15, [*head, *tail, indexes, self.text(), self.text()])

    def ftr(self, key: Key) -> bytes:
        pack = self.writer.pack
        returned, programmed, fails = self.draw(few), self.draw(few), self.draw(st.integers(0, 20))
        counts = [b"\0", *(pack("I", 7) for _ in range(6)), pack("h", -1)]
        arrays = [
            pack("H", returned), pack("H", programmed), pack("H", 3) * returned,
            b"\x21" * ((returned + 1) // 2), pack("H", 4) * programmed,
            b"\x43" * ((programmed + 1) // 2), pack("H", fails) + b"\x01" * ((fails + 7) // 8),
        ]  # fmt: skip
        names = [self.text() for _ in range(7)]
        return self.record(15, 20, [*self.test(key), *counts, *arrays, *names, b"\1", bytes(2)])

    def prr(self, key: Key) -> bytes:
        pack = self.writer.pack
        fields = [
            *(bytes([one]) for one in (*key, self.draw(flags))), pack("H", 1),
            *(pack("H", self.draw(u2s)) for _ in range(2)),
            *(pack("h", self.draw(i2s)) for _ in range(2)), pack("I", self.draw(u4s)), self.text(),
            self.text(), b"\2ab",
        ]  # fmt: skip
        return self.record(5, 20, fields)

    def pir(self, key: Key) -> bytes:
        return self.record(5, 10, [bytes([key[0]]), bytes([key[1]])])

    def wafer(self, key: Key) -> bytes:
        """A wafer begins or ends, or the sites of a group are told."""
        head, site = key
        name, group = self.draw(st.sampled_from(["W1", "W2", ""])), self.draw(st.integers(1, 2))
        writer = self.writer
        what = self.draw(st.sampled_from("bbes"))
        if what == "s":
            return writer.sdr(site, head=head, group=group)
        made: Callable[..., bytes] = writer.wir if what == "b" else writer.wrr
        return made(name, head, group)

    def results(self, key: Key) -> list[bytes]:
        makers = [self.ptr, self.ptr, self.mpr, self.ftr]
        return [
            self.draw(st.sampled_from(makers))(key) for _ in range(self.draw(st.integers(0, 3)))
        ]

    def touchdown(self) -> list[bytes]:
        """Several sites at once: all begin, their results come in turn, all end."""
        sites = self.draw(st.lists(keys, min_size=1, max_size=3, unique=True))
        turns = [self.results(key) for key in (*sites, *sites)]
        begun, ended = [self.pir(key) for key in sites], [self.prr(key) for key in reversed(sites)]
        return [*begun, *(one for turn in turns for one in turn), *ended]

    def stray(self) -> list[bytes]:
        """One thing out of order."""
        key = self.draw(keys)
        what: Any = self.draw(st.sampled_from([self.pir, self.prr, self.wafer, self.results]))
        made = what(key)
        return made if isinstance(made, list) else [made]

    def stumble(self) -> list[bytes]:
        """A part begun late, or again, or both."""
        key = self.draw(keys)
        starts = self.draw(st.lists(st.booleans(), min_size=2, max_size=5))
        return [*(self.pir(key) if one else self.ptr(key) for one in starts), self.prr(key)]

    def unknown(self) -> list[bytes]:
        """A record that nobody knows, and one with a line of the datalog."""
        return [self.writer.record(180, 3, b"ab"), self.writer.record(50, 30, cn("line"))]


@st.composite
def sessions(draw: Draw) -> bytes:
    """A whole file."""
    session = Session(draw)
    makers = [
        session.touchdown, session.touchdown, session.stray, session.stray, session.stumble,
        session.stumble, session.unknown,
    ]  # fmt: skip
    records = [
        record for _ in range(draw(st.integers(0, 7))) for record in draw(st.sampled_from(makers))()
    ]
    return session.writer.file(*records)
