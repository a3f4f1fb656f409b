"""What our writer writes, as the Rust reader `stdf-convert` reads it and as ours does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stdf_convert
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.domain.stdf.layouts import LAYOUTS
from intake.domain.stdf.opening import records_of
from intake.domain.stdf.records import Bits, Generic
from intake.domain.stdf.words import RECORD_KINDS
from intake.domain.stdf.writer import EMPTY, MISSING, written
from intake.tests.domain.test_decoder import REFERENCE, needs_shared, unpacked
from intake.tests.record_strategies import ADDED_IN_2007, Made, records_made

READ_ALIKE = tuple(kind for kind in ADDED_IN_2007 if kind != "VUR")
THEIRS = {"sequence_number", "byte_offset", "rec_len", "rec_typ", "rec_sub"}


def plain(value: Any) -> Any:
    """Our value in its form."""
    if isinstance(value, Bits):
        return {"bit_count": value.count, "bit_data": value.raw}
    if isinstance(value, Generic):
        return plain(value.value)
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return value


def told(name: str, value: Any) -> Any:
    """Their value without blanks around texts; bytes of flags as numbers."""
    if isinstance(value, str):
        return value.strip(" \t\r\n\0")
    if isinstance(value, bytes) and name.endswith(("_FLG", "_FLAG")):
        return value[0]
    if isinstance(value, dict) and "TYPE" in value:
        return told(name, value[value["TYPE"]])
    if isinstance(value, list):
        return [told(name, one) for one in value]
    return value


def blank(kind: str, name: str, other: Any) -> Any:
    """What they give for a field that the record does not reach, where it is not None.

    Of an array that is nothing, or as many empty elements as its count says.
    """
    field = next(one for one in LAYOUTS[RECORD_KINDS[kind]] if one.name == name)
    if field.count:
        return other if not any(other) else []
    return told(name, plain(MISSING.get(name, EMPTY.get(field.form, 0))))


def differing(content: bytes, path: Path) -> Iterator[tuple[str, str, Any, Any]]:
    """Record, field, theirs and ours, where they differ."""
    path.write_bytes(content)
    theirs = {kind: table.to_pylist() for kind, table in stdf_convert.tables(path).items()}
    ours = defaultdict(list)
    for record in records_of([content]):
        ours[record.kind].append(record)
    assert {kind: len(rows) for kind, rows in theirs.items() if rows} == {
        kind: len(rows) for kind, rows in ours.items()
    }
    for kind, records in ours.items():
        for row, record in zip(theirs[kind], records, strict=True):
            for name in row.keys() - THEIRS:
                mine, other = plain(record[name]), told(name, row[name])
                if mine is None and other is not None:
                    mine = blank(kind, name, other)
                if mine != other and not (mine != mine and other != other):  # noqa: PLR0124
                    yield kind, name, other, mine


@settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(records_made(), st.sampled_from("<>"))
def test_made_files_are_read_as_stdf_convert_reads_them(
    tmp_path: Path, made: list[Made], order: str
) -> None:
    assert list(differing(written(made, order), tmp_path / "made.stdf")) == []


def is_named(names: object) -> bool:
    """Whether one of the names is not blank."""
    return isinstance(names, tuple) and any(names)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(records_made(READ_ALIKE), st.sampled_from("<>"))
def test_additions_of_2007_are_read_as_stdf_convert_reads_them(
    tmp_path: Path, made: list[Made], order: str
) -> None:
    """Without NMR_INDX, which it does not know; an NMR without names could be of either layout.

    Of a VUR it reads a list behind a count.
    """
    known = [
        (kind, {name: value for name, value in values.items() if name != "NMR_INDX"})
        for kind, values in made
        if kind != "NMR" or is_named(values.get("ATPG_NAM"))
    ]
    assert list(differing(written(known, order), tmp_path / "made.stdf")) == []


@needs_shared
@pytest.mark.parametrize("name", [*REFERENCE, "every_common_record.stdf"])
def test_every_field_of_a_real_file_is_what_stdf_convert_reads(tmp_path: Path, name: str) -> None:
    assert list(differing(unpacked(name), tmp_path / "real.stdf"))[:5] == []
