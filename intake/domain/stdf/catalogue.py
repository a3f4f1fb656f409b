"""Which test a record belongs to, and what limits hold: identity, defaults, first seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from math import isnan

from intake.domain.errors import BoundError
from intake.domain.stdf.fields import Fields, Layouts, decoded
from intake.domain.stdf.kernels.state import VARIANT_FUNCTIONAL, VARIANT_MULTIPLE
from intake.domain.stdf.run import ChangedLimits, StatedLimits
from testing.domain.records import ParameterRecord
from testing.domain.words import ParameterKind

STATED_MAX, CHANGED_MAX = 8, 100
SCALE_INVALID, LOW_DEFAULT, HIGH_DEFAULT, LOW_NONE, HIGH_NONE = 0x01, 0x10, 0x20, 0x40, 0x80


@dataclass(frozen=True, slots=True)
class Tail:
    """The optional end of a PTR or MPR, with the defaults of its number filled in.

    Limits in base units, None = none. scale: display exponent only.
    """

    text: str = ""
    units: str = ""
    scale: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """One (number, text), as its first record shows it."""

    index: int
    number: int
    kind: ParameterKind
    tail: Tail


@dataclass(slots=True)
class Catalogue:
    """Definitions of a file as its records show them. null_texts: of them with null characters."""

    layouts: Layouts
    parameters_max: int
    null_texts: int = 0
    definitions: list[Definition] = field(default_factory=list)
    _stated: dict[int, list[StatedLimits]] = field(default_factory=dict)
    _first: dict[int, Tail] = field(default_factory=dict)
    _texts: dict[int, str] = field(default_factory=dict)
    _known: dict[tuple[int, str], Definition] = field(default_factory=dict)

    def definition(self, variant: int, number: int, record: bytes) -> tuple[Definition, Tail]:
        """Definition and limits of a test record. record: from TEST_TXT on; of an FTR only that.

        A record that ends before OPT_FLAG, or says so by it, takes scale, limits and units from the
        first record with its number; an empty text takes that number's first text. RecordError when
        a text is damaged.
        """
        if variant == VARIANT_FUNCTIONAL:
            text = decoded(record)
            self.null_texts += "\0" in text
            tail = Tail(text.replace("\0", ""))
            return self._definition(number, ParameterKind.FUNCTIONAL, tail), tail
        indexes = variant - VARIANT_MULTIPLE
        kind = ParameterKind.PARAMETRIC if indexes < 0 else ParameterKind.MULTIPLE
        fields = Fields(self.layouts, record)
        tail = read_tail(fields, self._first.get(number, Tail()), indexes)
        self.null_texts += fields.had_nulls
        self._first.setdefault(number, tail)
        return self._definition(number, kind, tail), tail

    def note_limits(self, definition: Definition, tail: Tail, position: int) -> None:
        """Keep limits that were not stated of this test before, the first of them."""
        if definition.kind is ParameterKind.FUNCTIONAL:
            return
        stated = self._stated.setdefault(definition.index, [])
        if len(stated) < STATED_MAX and all(
            (one.low, one.high) != (tail.low, tail.high) for one in stated
        ):
            stated.append(StatedLimits(position, tail.low, tail.high))

    def changed_limits(self) -> tuple[ChangedLimits, ...]:
        """The first tests of which several were stated, in order of their first record."""
        changed = (
            (self.definitions[index], stated)
            for index, stated in self._stated.items()
            if len(stated) > 1
        )
        return tuple(
            ChangedLimits(one.number, one.tail.text, one.tail.units, tuple(stated))
            for one, stated in islice(changed, CHANGED_MAX)
        )

    def parameters(self, found: Iterable[tuple[int, int]]) -> tuple[ParameterRecord, ...]:
        """found: definition index and occurrence of each."""
        return tuple(_parameter(self.definitions[index], occurrence) for index, occurrence in found)

    def _definition(self, number: int, kind: ParameterKind, tail: Tail) -> Definition:
        text = tail.text or self._texts.get(number, "")
        self._texts.setdefault(number, text)
        known = self._known.get((number, text))
        if known is not None:
            return known
        if len(self.definitions) >= self.parameters_max:
            raise too_many_tests(self.parameters_max)
        made = Definition(len(self.definitions), number, kind, tail)
        self.definitions.append(made)
        self._known[number, text] = made
        return made


def too_many_tests(parameters_max: int) -> BoundError:
    """What to raise for more tests than allowed."""
    return BoundError(
        f"The file holds more than {parameters_max:,} different tests, or one repeated without end "
        "within a part. It looks damaged.",
        parameters_max=parameters_max,
    )


def _parameter(definition: Definition, occurrence: int) -> ParameterRecord:
    tail = definition.tail
    return ParameterRecord(
        number=definition.number,
        text=tail.text,
        occurrence=occurrence,
        kind=definition.kind,
        units=tail.units,
        scale=tail.scale,
        limit_low=tail.low,
        limit_high=tail.high,
    )


def read_tail(fields: Fields, first: Tail, indexes: int = -1) -> Tail:
    """TEST_TXT to UNITS of a PTR, or of an MPR with that many RTN_INDX. first: the defaults."""
    text = fields.cn()
    fields.cn()  # ALARM_ID
    flag = fields.u1()
    scale = fields.i1()
    fields.skip(2)  # LLM_SCAL, HLM_SCAL
    low, high = fields.r4(), fields.r4()
    if indexes >= 0:
        fields.skip(8 + 2 * indexes)  # START_IN, INCR_IN, RTN_INDX
    units = fields.cn()
    fields.require_whole()
    if flag is None:
        return Tail(text, first.units, first.scale, first.low, first.high)
    return Tail(
        text=text,
        units=units or first.units,
        scale=first.scale if scale is None or flag & SCALE_INVALID else scale,
        low=_limit(low, flag & LOW_NONE, flag & LOW_DEFAULT, first.low),
        high=_limit(high, flag & HIGH_NONE, flag & HIGH_DEFAULT, first.high),
    )


def _limit(value: float | None, is_none: int, is_default: int, first: float | None) -> float | None:
    if is_none:
        return None
    if is_default or value is None or isnan(value):
        return first
    return value
