"""Which wafer a part is on: WIR and WRR matched by head and site group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from intake.domain.errors import BoundError
from intake.domain.stdf.fields import Fields, RecordError, instant
from intake.domain.stdf.run import DecodedWafer, Site, WaferLayout
from intake.domain.stdf.words import ALL_HEADS, MISSING_U4
from testing.domain.records import MISSING

DIE_MM_MAX = 450.0
NAMELESS = "unnamed"
MILLIMETRES = {1: 25.4, 2: 10.0, 3: 1.0, 4: 0.0254}
"""WF_UNITS: inch, centimetre, millimetre, mil. Source: STDF V4, WCR."""


@dataclass(slots=True)
class Wafers:
    """Wafers in the order they were opened, one entry for each WIR. open: by (head, group)."""

    wafers_max: int
    opened: list[DecodedWafer] = field(default_factory=list)
    open: dict[tuple[int, int], int] = field(default_factory=dict)
    layout: WaferLayout = field(default_factory=WaferLayout)

    def wir(self, fields: Fields) -> None:
        """A wafer begins. RecordError when the record is too short or damaged."""
        head, group = fields.u1(), fields.u1()
        if head is None or group is None:
            raise RecordError("shorter than its required fields")
        started_at, code = instant(fields.u4()), fields.cn()
        fields.require_whole()
        if len(self.opened) >= self.wafers_max:
            raise BoundError(
                f"The file holds more than {self.wafers_max:,} wafers. Send one file for each lot.",
                wafers_max=self.wafers_max,
            )
        self.open[head, group] = len(self.opened)
        self.opened.append(DecodedWafer(code, started_at=started_at))

    def wrr(self, fields: Fields) -> None:
        """A wafer ends; its WAFER_ID corrects the one that the WIR gave."""
        head, group = fields.u1(), fields.u1()
        if head is None or group is None:
            raise RecordError("shorter than its required fields")
        finished_at, part_count = instant(fields.u4()), _count(fields.u4())
        fields.skip(8)  # RTST_CNT, ABRT_CNT
        good_count = _count(fields.u4())
        fields.skip(4)  # FUNC_CNT
        code = fields.cn()
        fields.require_whole()
        index = self.open.pop((head, group), None)
        if index is None:
            raise RecordError("no wafer is open on its head and site group")
        wafer = self.opened[index]
        self.opened[index] = replace(
            wafer,
            code=code or wafer.code,
            finished_at=finished_at,
            part_count=part_count,
            good_count=good_count,
        )

    def wcr(self, fields: Fields, _: int = 1) -> None:
        """Flat, axis directions and size of a die."""
        fields.skip(4)  # WAFR_SIZ
        height, width, unit = fields.r4(), fields.r4(), fields.u1()
        flat, center_x, center_y = fields.c1(), fields.i2(), fields.i2()
        self.layout = WaferLayout(
            flat,
            fields.c1(),
            fields.c1(),
            center_x,
            center_y,
            die_width_mm=_millimetres(width, unit),
            die_height_mm=_millimetres(height, unit),
        )

    def index_for(self, head: int, site: int, groups: Iterable[Site]) -> int:
        """Index of the open wafer under this head and site; MISSING without one.

        With several open on a head, the site groups of the SDRs decide, else the latest.
        """
        indexes = {
            group: index
            for (wafer_head, group), index in self.open.items()
            if wafer_head in {head, ALL_HEADS} or head == ALL_HEADS
        }
        if len(indexes) > 1:
            for known in groups:
                if (
                    site in known.sites
                    and known.head in {head, ALL_HEADS}
                    and known.group in indexes
                ):
                    return indexes[known.group]
        return max(indexes.values(), default=MISSING)

    def notes(self) -> Iterator[str]:
        """What a person should know of how they are named."""
        nameless = sum(not wafer.code for wafer in self.opened)
        if nameless > 1:
            yield f"{nameless} wafers have no WAFER_ID; each is one by itself, by order."

    def merged(self) -> tuple[tuple[DecodedWafer, ...], list[int]]:
        """One wafer for each code, and for each opened one its index there.

        A wafer probed in several passes keeps its first start, and the end and counts of its last.
        Those without a code cannot be told to be one, so each stays by itself, under a number.
        """
        order: dict[str, int] = {}
        merged: list[DecodedWafer] = []
        indexes = []
        nameless = self._nameless()
        for wafer in self.opened:
            index = order.setdefault(wafer.code, len(merged)) if wafer.code else len(merged)
            if index < len(merged):
                merged[index] = replace(wafer, started_at=merged[index].started_at)
            elif wafer.code:
                merged.append(wafer)
            else:
                merged.append(replace(wafer, code=next(nameless)))
            indexes.append(index)
        return tuple(merged), indexes

    def _nameless(self) -> Iterator[str]:
        """What those without a code are called: one alone nothing, several by their order."""
        count = sum(not wafer.code for wafer in self.opened)
        return (f"{NAMELESS} {place}" if count > 1 else "" for place in range(1, count + 1))


def _count(value: int | None) -> int | None:
    return None if value == MISSING_U4 else value


def _millimetres(length: float | None, unit: int | None) -> float | None:
    """None where the unit is not known, or the length is 0, as blank ones are."""
    factor = MILLIMETRES.get(unit or 0)
    if factor is None or length is None or not 0 < length * factor < DIE_MM_MAX:
        return None
    return round(length * factor, 4)
