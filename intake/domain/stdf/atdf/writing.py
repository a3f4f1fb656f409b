"""STDF records as ATDF records."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from intake.domain.stdf.atdf import words as w
from intake.domain.stdf.atdf.reading import LAYOUT_OF
from intake.domain.stdf.atdf.values import BLANKS, generic_text, text_of
from intake.domain.stdf.layouts import Layout
from intake.domain.stdf.records import Bits, Generic, Record, Scalar, Value
from intake.domain.stdf.words import ALL_HEADS
from intake.domain.stdf.writer import MISSING

SEPARATOR = "|"
HEAD = "FAR:A|4|2|U\n"
"""Version 2 of ATDF, values in base units."""
LEFT_OUT = {"SITE_GRP", "PATG_NUM"}
"""Fields whose missing value is written out, as it also says something."""
LINE_ENDS = {"\n": " ", "\r": " ", "\0": " "}
WITHIN_LINE = str.maketrans(LINE_ENDS)
WITHIN_FIELD = str.maketrans({**LINE_ENDS, SEPARATOR: "/"})


def atdf_line(record: Record) -> str:
    """A record with its line end; empty for what ATDF has no record for."""
    if record.kind == "FAR":
        return HEAD
    if record.kind == "GDR":
        items = (one for one in record.list("GEN_DATA") if isinstance(one, Generic))
        return f"GDR:{SEPARATOR.join(generic_text(one).translate(WITHIN_FIELD) for one in items)}\n"
    if record.kind not in w.FIELDS:
        return ""
    values = dict(zip(record.names, record.values, strict=True))
    texts = {**_plain(record.kind, values), **_flags(record.kind, values)}
    fields = [texts.get(name, "") for name in w.FIELDS[record.kind]]
    while fields and not fields[-1]:
        fields.pop()
    return f"{record.kind}:{SEPARATOR.join(fields)}\n"


def is_changed(record: Record) -> bool:
    """Whether a text holds characters that ATDF keeps for itself."""
    unsafe = _unsafe(record.kind)
    values = record.list("GEN_DATA") if record.kind == "GDR" else record.values
    texts = (one.value if isinstance(one, Generic) else one for one in values)
    return any(isinstance(text, str) and text != text.translate(unsafe) for text in texts)


def _plain(kind: str, values: Mapping[str, Value]) -> dict[str, str]:
    layout = LAYOUT_OF[kind]
    hidden = _hidden(kind, values)
    texts = {}
    for name in w.FIELDS[kind]:
        value = values.get(name)
        if value is None or name in hidden or _is_missing(name, value):
            continue
        texts[name] = _text(layout[name], value, _unsafe(kind))
    return texts


def _unsafe(kind: str) -> dict[int, str]:
    """What the texts of a record must not hold; that of a single one goes on to the line's end."""
    return WITHIN_LINE if len(w.FIELDS.get(kind, ())) == 1 else WITHIN_FIELD


def _text(layout: Layout, value: Value, unsafe: dict[int, str]) -> str:
    if isinstance(value, tuple):
        return ",".join(text_of(one, layout.form, layout.name) for one in value)
    assert value is not None
    return text_of(value, layout.form, layout.name).translate(unsafe).strip(BLANKS)


def _is_missing(name: str, value: Value) -> bool:
    if isinstance(value, Bits):
        return not value.positions()
    return name not in LEFT_OUT and name in MISSING and value == MISSING[name]


def _hidden(kind: str, values: Mapping[str, Value]) -> set[str]:
    """Fields that the record's flags call invalid."""
    if kind in w.ALL_SITES and values.get("HEAD_NUM") == ALL_HEADS:
        hidden = {"HEAD_NUM", "SITE_NUM"}
    else:
        hidden = set()
    flag = _int(values, "OPT_FLAG")
    if kind in {"PTR", "MPR"}:
        if _int(values, "TEST_FLG") & w.RESULT_INVALID:
            hidden.add("RESULT" if kind == "PTR" else "RTN_RSLT")
        hidden |= {name for name, bit in w.OPTIONAL_SCALES.items() if flag & bit}
        hidden |= {name for name, bits in w.OPTIONAL_LIMITS.items() if flag & sum(bits)}
    optional = {"FTR": w.OPTIONAL_VECTORS, "TSR": w.OPTIONAL_SUMMARIES}.get(kind, {})
    return hidden | {name for name, bit in optional.items() if flag & bit}


def _flags(kind: str, values: Mapping[str, Value]) -> dict[str, str]:
    if kind == "PRR":
        return _part(_int(values, "PART_FLG"))
    if kind == "PLR":
        return {f"@{name}": _states(values, name) for name in ("PGM", "RTN")}
    if kind not in {"PTR", "MPR", "FTR"}:
        return {}
    flag, parametric = _int(values, "TEST_FLG"), _int(values, "PARM_FLG")
    passed = "A" if parametric & w.ALTERNATE else "P"
    verdict = "" if flag & w.NO_VERDICT else "F" if flag & w.FAILED else passed
    return {
        "@VERDICT": verdict,
        "@ALARMS": _letters(flag, w.ALARMS) + _letters(parametric, w.PARAMETRIC_ALARMS),
        "@COMPARE": _letters(parametric, w.COMPARISONS),
    }


def _part(flag: int) -> dict[str, str]:
    verdict = "F" if flag & w.PART_FAILED else "P"
    return {
        "@VERDICT": "" if flag & w.PART_NO_VERDICT else verdict,
        "@RETEST": _letters(flag, w.RETESTS),
        "@ABORT": "Y" if flag & w.PART_ABORTED else "",
    }


def _states(values: Mapping[str, Value], name: str) -> str:
    """States of each group, left and right character together."""
    rights, lefts = _list(values, f"{name}_CHAR"), _list(values, f"{name}_CHAL")
    groups = []
    for right, left in zip_longest(rights, lefts, fillvalue=""):
        pairs = zip_longest(str(right), str(left), fillvalue="")
        groups.append(",".join(f"{low}{high}".strip() for high, low in pairs))
    return "/".join(groups) if any(groups) else ""


def _letters(flag: int, bits: Mapping[str, int]) -> str:
    return "".join(letter for letter, bit in bits.items() if flag & bit)


def _int(values: Mapping[str, Value], name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else 0


def _list(values: Mapping[str, Value], name: str) -> tuple[Scalar, ...]:
    value = values.get(name)
    return value if isinstance(value, tuple) else ()
