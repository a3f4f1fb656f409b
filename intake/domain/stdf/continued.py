"""Lists that go on in the next record, put together: PSR, NMR, CDR and STR of V4-2007."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from intake.domain.stdf.layouts import LAYOUTS
from intake.domain.stdf.records import Record, Scalar, Value
from intake.domain.stdf.words import RECORD_KINDS

CONTINUES = 0x01
ITEMS_MAX = 5_000_000
ONCE = {"LIM_INDX", "LIM_SPEC", "COND_LST", "M_CLKS", "S_CLKS"}
"""Lists that belong to the whole, not to its parts."""
LISTS = {
    name: {
        field.name: field.count
        for field in LAYOUTS[RECORD_KINDS[name]]
        if field.count and field.name not in ONCE
    }
    for name in ("PSR", "NMR", "CDR", "STR")
}
"""By record: the lists that may go on, and the counts of each."""


def continued(records: Iterable[Record]) -> Iterator[Record]:
    """Records with their lists whole, at the position of the first; the others as they are.

    A list that another kind of record interrupts, or the end of the file, ends there. One of more
    than ITEMS_MAX values is given in pieces.
    """
    begun: list[Record] = []
    items = 0
    for record in records:
        if begun and (record.kind != begun[0].kind or items > ITEMS_MAX):
            yield joined(begun)
            begun, items = [], 0
        if record.kind not in LISTS:
            yield record
            continue
        begun.append(record)
        items += sum(len(record.list(name)) for name in LISTS[record.kind])
        if not record.number("CONT_FLG") & CONTINUES:
            yield joined(begun)
            begun, items = [], 0
    if begun:
        yield joined(begun)


def joined(pieces: list[Record]) -> Record:
    """One record of all: single values of the first, lists one after the other."""
    first = pieces[0]
    if len(pieces) == 1:
        return first
    values: dict[str, Value] = dict(zip(first.names, first.values, strict=True))
    for name, count in LISTS[first.kind].items():
        items: list[Scalar] = [one for piece in pieces for one in piece.list(name)]
        values[name] = tuple(items)
        values[count] = max(len(items), sum(piece.number(count) for piece in pieces))
    values["CONT_FLG"] = pieces[-1]["CONT_FLG"]
    return Record(first.kind, first.position, tuple(values), tuple(values.values()))
