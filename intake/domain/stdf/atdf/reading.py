"""ATDF records as fields of STDF records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from intake.domain.stdf.atdf import words as w
from intake.domain.stdf.atdf.values import BLANKS, generic_of, number_of, value_of, words_of
from intake.domain.stdf.fields import RecordError
from intake.domain.stdf.layouts import LAYOUTS, Layout
from intake.domain.stdf.records import Scalar, Value
from intake.domain.stdf.words import ALL_HEADS, RECORD_KINDS

Texts = Mapping[str, str]
LAYOUT_OF = {kind: {one.name: one for one in LAYOUTS[RECORD_KINDS[kind]]} for kind in w.FIELDS}
SCALED_BY = {
    "RESULT": 0, "RTN_RSLT": 0, "LO_LIMIT": 1, "HI_LIMIT": 2, "LO_SPEC": 1, "HI_SPEC": 2,
}  # fmt: skip
SCALES = ("RES_SCAL", "LLM_SCAL", "HLM_SCAL")


@dataclass(slots=True)
class AtdfReader:
    """Reads records of one file. separator: between fields. is_scaled: values are in scaled units.

    tests_max: of how many tests the scales are kept.
    """

    separator: str = "|"
    is_scaled: bool = False
    tests_max: int = 50_000
    _first: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def read(self, text: str) -> tuple[str, dict[str, Value]]:
        """Kind and fields of a record but for the FAR. RecordError when it cannot be used."""
        kind, _, rest = text.partition(":")
        if kind == "GDR":
            items = rest.split(self.separator) if rest else []
            return kind, {"GEN_DATA": tuple(generic_of(one.strip(BLANKS)) for one in items)}
        if kind not in w.FIELDS:
            raise RecordError("of a kind that ATDF does not know")
        return kind, self._read(kind, rest)

    def _read(self, kind: str, rest: str) -> dict[str, Value]:
        names = w.FIELDS[kind]
        # The text of a DTR is all that follows.
        pieces = rest.split(self.separator) if len(names) > 1 else [rest]
        texts = {
            name: text for name, text in zip(names, map(_stripped, pieces), strict=False) if text
        }
        layout = LAYOUT_OF[kind]
        values = {
            name: _value(layout[name], text) for name, text in texts.items() if name in layout
        }
        more = SPECIAL.get(kind)
        if kind in {"PTR", "MPR"}:
            values.update(self._test(kind, texts, values))
        elif more is not None:
            values.update(more(texts))
        if kind in w.ALL_SITES:
            values.setdefault("HEAD_NUM", ALL_HEADS)
            values.setdefault("SITE_NUM", ALL_HEADS)
        elif "HEAD_NUM" in layout:
            values.setdefault("HEAD_NUM", 1)
        if "SITE_NUM" in layout and kind != "SDR":
            values.setdefault("SITE_NUM", 1)
        return values

    def _test(self, kind: str, texts: Texts, values: Mapping[str, Value]) -> dict[str, Value]:
        """Flags of a PTR or MPR, and values in base units."""
        number = texts.get("TEST_NUM", "")
        is_first = number not in self._first
        if is_first and len(self._first) < self.tests_max:
            scale = (_scale(values, name) for name in SCALES)
            res, low, high = (one or 0 for one in scale)
            self._first[number] = (res, low, high)
        result = "RESULT" if kind == "PTR" else "RTN_RSLT"
        flags = parametric_flags(texts, result in texts)
        if len(set(texts) & OPTIONAL):
            flags["OPT_FLAG"] = option_flag(texts, is_first)
        return {**flags, **(self._unscaled(number, texts, values) if self.is_scaled else {})}

    def _unscaled(self, number: str, texts: Texts, values: Mapping[str, Value]) -> dict[str, Value]:
        first = self._first.get(number, (0, 0, 0))
        exponents = [
            default if (own := _scale(values, name)) is None else own
            for name, default in zip(SCALES, first, strict=True)
        ]
        plain: dict[str, Value] = {}
        for name, which in SCALED_BY.items():
            value = values.get(name)
            if isinstance(value, tuple):
                plain[name] = tuple(_shifted(one, exponents[which]) for one in value)
            elif value is not None:
                plain[name] = _shifted(value, exponents[which])
        prefix, units = w.PREFIXES.get(exponents[0], ""), texts.get("UNITS", "")
        if prefix and units.startswith(prefix) and len(units) > len(prefix):
            plain["UNITS"] = units[len(prefix) :]
        return plain


OPTIONAL = {"UNITS", "LO_LIMIT", "HI_LIMIT", "START_IN", "INCR_IN", "UNITS_IN", "RTN_INDX"} | set(
    w.TEST_FORMATS.split()
)
"""What stands behind OPT_FLAG."""


def parametric_flags(texts: Texts, has_result: bool) -> dict[str, Value]:
    """TEST_FLG and PARM_FLG of a PTR or MPR."""
    alarms, verdict = texts.get("@ALARMS", ""), texts.get("@VERDICT", "")
    parametric = _letters(alarms, w.PARAMETRIC_ALARMS) | _letters(
        texts.get("@COMPARE", ""), w.COMPARISONS
    )
    return {
        "TEST_FLG": _test_flag(alarms, verdict) | (0 if has_result else w.RESULT_INVALID),
        "PARM_FLG": parametric | (w.ALTERNATE if verdict == "A" else 0),
    }


def option_flag(texts: Texts, is_first: bool) -> int:
    """OPT_FLAG of a PTR or MPR: an absent limit is none in the first record, else the default."""
    flag = w.RESERVED_SCALES
    flag |= sum(bit for name, bit in w.OPTIONAL_SCALES.items() if name not in texts)
    for name, (none, default) in w.OPTIONAL_LIMITS.items():
        if name not in texts:
            flag |= none if is_first else default
    return flag


def _functional(texts: Texts) -> dict[str, Value]:
    flags: dict[str, Value] = {
        "TEST_FLG": _test_flag(texts.get("@ALARMS", ""), texts.get("@VERDICT", ""))
    }
    if set(texts) - {"TEST_NUM", "HEAD_NUM", "SITE_NUM", "@VERDICT", "@ALARMS"}:
        flags["OPT_FLAG"] = _missing(texts, w.OPTIONAL_VECTORS, w.RESERVED_VECTORS)
    return flags


def _summary(texts: Texts) -> dict[str, Value]:
    if not set(texts) & set(w.OPTIONAL_SUMMARIES):
        return {}
    return {"OPT_FLAG": _missing(texts, w.OPTIONAL_SUMMARIES, w.RESERVED_SUMMARIES)}


def _part(texts: Texts) -> dict[str, Value]:
    verdict = {"P": 0, "F": w.PART_FAILED}.get(texts.get("@VERDICT", ""), w.PART_NO_VERDICT)
    flag = verdict | _letters(texts.get("@RETEST", ""), w.RETESTS)
    return {"PART_FLG": flag | (w.PART_ABORTED if "@ABORT" in texts else 0)}


def _pin_lists(texts: Texts) -> dict[str, Value]:
    """States of one or two characters, groups apart by `/`."""
    found: dict[str, Value] = {}
    for name in ("PGM", "RTN"):
        text = texts.get(f"@{name}")
        if text is None:
            continue
        groups = [[f"{word:>2.2}" for word in words_of(group)] for group in text.split("/")]
        found[f"{name}_CHAR"] = tuple("".join(word[1] for word in one) for one in groups)
        lefts = tuple("".join(word[0] for word in one) for one in groups)
        if any(map(str.strip, lefts)):
            found[f"{name}_CHAL"] = lefts
    return found


SPECIAL: dict[str, Callable[[Texts], dict[str, Value]]] = {
    "FTR": _functional,
    "TSR": _summary,
    "PRR": _part,
    "PLR": _pin_lists,
}


def _stripped(text: str) -> str:
    return text.strip(BLANKS)


def _value(layout: Layout, text: str) -> Value:
    if not layout.count:
        return value_of(text, layout.form, layout.name)
    form = "U1" if layout.form == "N1" else layout.form
    return tuple(number_of(word or "0", form, layout.name) for word in words_of(text))


def _scale(values: Mapping[str, Value], name: str) -> int | None:
    value = values.get(name)
    return value if isinstance(value, int) else None


def _shifted(value: Scalar, exponent: int) -> float:
    assert isinstance(value, int | float)
    return float(f"{value!r}e{-exponent}") if "e" not in repr(value) else value * 10.0**-exponent


def _letters(text: str, bits: Mapping[str, int]) -> int:
    flag = 0
    for letter in text:
        flag |= bits.get(letter, 0)
    return flag


def _test_flag(alarms: str, verdict: str) -> int:
    told = {"P": 0, "A": 0, "F": w.FAILED}.get(verdict, w.NO_VERDICT)
    return told | _letters(alarms, w.ALARMS)


def _missing(texts: Texts, bits: Mapping[str, int], reserved: int) -> int:
    """The bits of what is missing; one that stands for two fields is set when both are."""
    there = 0
    for name in texts.keys() & bits.keys():
        there |= bits[name]
    flag = reserved
    for bit in bits.values():
        flag |= bit & ~there
    return flag
