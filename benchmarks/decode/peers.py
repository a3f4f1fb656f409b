"""Other readers of STDF, each doing what ours does: part and test records to columns.

Runs in a virtual environment of its own, so it imports nothing of the project:
`python peers.py READER FILE ROUNDS` prints the shortest time in seconds.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from importlib import import_module
from typing import Any

WANTED = ("PIR", "PRR", "PTR", "MPR", "FTR")
WANTED_TYPES = ((5, 10), (5, 20), (15, 10), (15, 15), (15, 20))


def pystdf(path: str) -> int:
    """Lists of the values of each record type."""
    columns: dict[str, list[Any]] = defaultdict(list)

    class Sink:
        """What pystdf calls for each record."""

        def before_begin(self, source: Any) -> None:
            """Nothing to prepare."""

        def before_send(self, source: Any, record: tuple[Any, Any]) -> None:
            """Keep one record."""
            kind, values = record
            columns[type(kind).__name__.upper()].append(values)

        def after_begin(self, source: Any) -> None:
            """Nothing."""

        after_send = after_complete = before_complete = after_cancel = before_cancel = lambda *_: (
            None
        )

    with open(path, "rb") as stream:  # noqa: PTH123
        parser = import_module("pystdf.IO").Parser(inp=stream)
        parser.addSink(Sink())
        parser.parse()
    return sum(len(columns[kind]) for kind in WANTED)


def stdf_convert(path: str) -> int:
    """Arrow tables of the wanted types."""
    tables = import_module("stdf_convert").tables(path, list(WANTED))
    return sum(table.num_rows for table in tables.values())


def semi_ate_stdf(path: str) -> int:
    """Lists of record objects."""
    columns: dict[str, list[Any]] = defaultdict(list)
    for record in import_module("Semi_ATE.STDF.utils").records_from_file(path, unpack=True):
        columns[record.id].append([record.get_value(name) for name in record.fields])
    return sum(len(columns[kind]) for kind in WANTED)


def stdfast(path: str) -> int:
    """Dictionaries of the values of each record type."""
    columns: dict[str, list[Any]] = defaultdict(list)
    for record in import_module("stdfast").iter_raw_records(path):
        columns[record["record_type"]].append(record)
    return sum(len(columns[kind]) for kind in WANTED)


def stupidf(path: str) -> int:
    """A data frame of parts beside their tests, which is all it makes; the values in it."""
    frame = import_module("stupidf").parse_stdf(path)["df"]
    return int(frame.height * frame.width)


def ezstdf(path: str) -> int:
    """A data frame for each record type."""
    reader = import_module("ezstdf.StdfReader").StdfReader()
    reader.parse_file(path)
    frames = [getattr(reader, kind.lower()) for kind in WANTED]
    return sum(len(frame) for frame in frames if frame is not None)


def stdf_tamer(path: str) -> int:
    """The records of the form it keeps for fast conversion, in lists by type and subtype."""
    columns: dict[tuple[int, int], list[Any]] = defaultdict(list)
    with open(path, "rb") as stream:  # noqa: PTH123
        try:
            for record in import_module("ams_rw_stdf").records_no_length_simplified(stream):
                columns[record["REC_TYP"], record["REC_SUB"]].append(record["PL"])
        except EOFError:
            pass
    return sum(len(columns[kind]) for kind in WANTED_TYPES)


def stdf_utils(path: str) -> int:
    """Dictionaries of the values of each record type."""
    columns: dict[str, list[Any]] = defaultdict(list)
    package = import_module("stdf_utils")
    with package.OpenFile(path) as stream:
        for kind, record in package.StdfRecord(stream, {kind.title() for kind in WANTED}):
            columns[kind.upper()].append(record)
    return sum(len(columns[kind]) for kind in WANTED)


READERS = {
    "stdf-convert": stdf_convert,
    "stupidf": stupidf,
    "stdfast": stdfast,
    "pystdf": pystdf,
    "ezstdf": ezstdf,
    "stdf-utils": stdf_utils,
    "stdf-tamer": stdf_tamer,
    "Semi-ATE-STDF": semi_ate_stdf,
}


def main() -> None:
    """Time one reader on one file."""
    read, path, rounds = READERS[sys.argv[1]], sys.argv[2], int(sys.argv[3])
    times, found = [], 0
    for _ in range(rounds):
        begun = time.perf_counter()
        found = read(path)
        times.append(time.perf_counter() - begun)
    sys.stdout.write(f"{min(times)} {found}\n")


if __name__ == "__main__":
    main()
