"""Records of every kind, made at random for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from intake.domain.stdf.layouts import LAYOUTS, Layout
from intake.domain.stdf.records import Bits, Generic, Value
from intake.domain.stdf.words import RECORD_KINDS

Made = tuple[str, Mapping[str, Value]]
ADDED_IN_2007 = ("VUR", "PSR", "NMR", "CNR", "SSR", "CDR", "STR")
V4 = tuple(kind for kind in RECORD_KINDS if kind not in {"FAR", "MIR", "MRR", *ADDED_IN_2007})
SECONDS_MAX = 2**32 - 2

texts = st.text("abcXYZ09_-. ", max_size=9).map(str.strip)
letters = st.sampled_from(["", "A", "P", "7"])
places = st.sets(st.integers(0, 40), max_size=4)
floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
NUMBERS: dict[str, st.SearchStrategy[Any]] = {
    **{f"U{size}": st.integers(0, 2 ** (8 * size) - 1) for size in (1, 2, 4, 8)},
    **{
        f"I{size}": st.integers(-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1)
        for size in (1, 2, 4)
    },
    "R4": floats,
    "R8": st.floats(allow_nan=False, allow_infinity=False),
    "B1": st.integers(0, 255),
    "N1": st.integers(0, 15),
}


def bits_of(positions: set[int]) -> Bits:
    """A D*n that ends with its last set bit."""
    count = max(positions, default=-1) + 1
    number = sum(1 << place for place in positions)
    return Bits(count, number.to_bytes((count + 7) // 8, "little"))


SINGLE: dict[str, st.SearchStrategy[Any]] = {
    **NUMBERS,
    "C1": letters,
    "Cn": texts,
    "Sn": texts,
    "Bn": st.binary(max_size=5),
    "Dn": places.map(bits_of),
}
generics = st.sampled_from(
    ["U1", "U2", "U4", "I1", "I2", "I4", "R4", "R8", "Cn", "Bn", "Dn", "N1"]
).flatmap(lambda form: SINGLE[form].map(lambda value: Generic(form, value)))
CHOSEN: dict[str, st.SearchStrategy[Any]] = {
    "GRP_RADX": st.sampled_from([2, 8, 10, 16, 20]),
    **{name: st.integers(1, SECONDS_MAX) for name in ("MOD_TIM", "START_T", "SETUP_T", "FINISH_T")},
    **{name: st.just(4) for name in ("CYC_SIZE", "PMR_SIZE", "CHN_SIZE", "PAT_SIZE", "BIT_SIZE")},
    **{name: st.just(1) for name in ("U1_SIZE", "U2_SIZE", "U3_SIZE")},
    "UTX_SIZE": st.just(9),
    "FMU_FLG": st.just(5),
    "CONT_FLG": st.just(0),
    **{name: st.text("HLMX", min_size=3, max_size=3) for name in ("PGM_CHAR", "RTN_CHAR")},
    **{name: st.text("01Z", min_size=3, max_size=3) for name in ("PGM_CHAL", "RTN_CHAL")},
}


@st.composite
def fields_of(draw: st.DrawFn, kind: str) -> dict[str, Value]:
    """Fields of a record; some end early, but not before they have said what they are of.

    A count is written with its array, and so is what comes before it.
    """
    layout = LAYOUTS[RECORD_KINDS[kind]]
    last = draw(st.integers(min(7, len(layout)), len(layout)))
    counts = {field.count: draw(st.integers(0, 3)) for field in layout if field.count}
    return {
        field.name: _drawn(draw, field, counts)
        for field in layout[:last]
        if field.name not in counts
    }


def _drawn(draw: st.DrawFn, field: Layout, counts: Mapping[str, int]) -> Value:
    if not field.count:
        value: Value = draw(CHOSEN.get(field.name, SINGLE[field.form]))
        return value
    if field.form == "Vn":
        one: st.SearchStrategy[Any] = generics
    elif field.width:
        one = texts if field.form == "Cf" else st.integers(0, 255)
    else:
        one = CHOSEN.get(field.name, SINGLE[field.form])
    return tuple(draw(one) for _ in range(counts[field.count]))


@st.composite
def records_made(draw: st.DrawFn, kinds: tuple[str, ...] = V4) -> list[Made]:
    """A MIR, records of these kinds, and an MRR."""
    chosen = draw(st.lists(st.sampled_from(kinds), max_size=8))
    return [(kind, draw(fields_of(kind))) for kind in ("MIR", *chosen, "MRR")]
