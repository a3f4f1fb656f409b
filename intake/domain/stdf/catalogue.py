"""Which test a record belongs to, and what limits hold: identity, defaults, changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan

from intake.domain.errors import BoundError
from intake.domain.stdf.fields import Fields, Layouts
from testing.domain.records import ParameterRecord
from testing.domain.words import ParameterKind

OCCURRENCES_MAX = 32_767
CACHED_TAILS_MAX = 100_000
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


@dataclass(slots=True, eq=False)
class Definition:
    """One (number, text). parameters: index of each occurrence within a part."""

    number: int
    kind: ParameterKind
    tail: Tail
    parameters: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Catalogue:
    """Definitions of a file as its records show them. limit_changes: times limits differed."""

    parameters_max: int
    parameters: list[ParameterRecord] = field(default_factory=list)
    limit_changes: int = 0
    _first: dict[int, Tail] = field(default_factory=dict)
    _texts: dict[int, str] = field(default_factory=dict)
    _definitions: dict[tuple[int, str], Definition] = field(default_factory=dict)
    _current: dict[Definition, Tail] = field(default_factory=dict)
    _cache: dict[tuple[int, bytes], tuple[Definition, Tail]] = field(default_factory=dict)

    def measured(
        self, number: int, record: bytes, layouts: Layouts, indexes: int = -1
    ) -> Definition:
        """Definition of a PTR, or of an MPR with that many pin indexes. record: from TEST_TXT on.

        A record that ends before OPT_FLAG, or says so by it, takes scale, limits and units from the
        first record with its number; an empty text takes that number's first text.
        """
        found = self._cache.get((number, record))
        if found is None:
            found = self._read(number, record, layouts, indexes)
            if len(self._cache) >= CACHED_TAILS_MAX:
                self._cache.clear()
            self._cache[number, record] = found
        definition, tail = found
        current = self._current[definition]
        if tail is not current:
            self.limit_changes += (tail.low, tail.high) != (current.low, current.high)
            self._current[definition] = tail
        return definition

    def functional(self, number: int, text: str) -> Definition:
        """Definition of an FTR."""
        return self._definition(number, ParameterKind.FUNCTIONAL, Tail(text))

    def parameter(self, definition: Definition, occurrence: int) -> int:
        """Index of the parameter for this occurrence within a part."""
        while len(definition.parameters) <= occurrence:
            self._add_parameter(definition)
        return definition.parameters[occurrence]

    def _add_parameter(self, definition: Definition) -> None:
        occurrence = len(definition.parameters)
        if occurrence > OCCURRENCES_MAX or len(self.parameters) >= self.parameters_max:
            raise BoundError(
                f"The file holds more than {self.parameters_max:,} different tests, or one "
                "repeated without end within a part. It looks damaged.",
                parameters_max=self.parameters_max,
            )
        definition.parameters.append(len(self.parameters))
        tail = definition.tail
        self.parameters.append(
            ParameterRecord(
                number=definition.number,
                text=tail.text,
                occurrence=occurrence,
                kind=definition.kind,
                units=tail.units,
                scale=tail.scale,
                limit_low=tail.low,
                limit_high=tail.high,
            )
        )

    def _read(
        self, number: int, record: bytes, layouts: Layouts, indexes: int
    ) -> tuple[Definition, Tail]:
        kind = ParameterKind.PARAMETRIC if indexes < 0 else ParameterKind.MULTIPLE
        tail = read_tail(Fields(layouts, record), self._first.get(number, Tail()), indexes)
        self._first.setdefault(number, tail)
        definition = self._definition(number, kind, tail)
        self._current.setdefault(definition, tail)
        return definition, tail

    def _definition(self, number: int, kind: ParameterKind, tail: Tail) -> Definition:
        text = tail.text or self._texts.get(number, "")
        self._texts.setdefault(number, text)
        if text != tail.text:
            tail = Tail(text, tail.units, tail.scale, tail.low, tail.high)
        return self._definitions.setdefault((number, text), Definition(number, kind, tail))


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


def read_functional_text(fields: Fields) -> str:
    """TEST_TXT of an FTR, from behind TEST_FLG. Empty when the record ends before it."""
    fields.skip(1 + 4 * 4 + 4 + 4 + 2)  # OPT_FLAG to VECT_OFF
    returned, programmed = fields.u2() or 0, fields.u2() or 0
    fields.skip(2 * returned + (returned + 1) // 2)
    fields.skip(2 * programmed + (programmed + 1) // 2)
    fields.skip_bits()  # FAIL_PIN
    for _ in range(3):  # VECT_NAM, TIME_SET, OP_CODE
        fields.cn()
    text = fields.cn()
    fields.require_whole()
    return text
