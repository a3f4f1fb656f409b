"""The measurements of `benchmarks.ingest`, inside the service."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq  # type: ignore[import-untyped]
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from benchmarks.decode.__main__ import lengthened
from benchmarks.ingest.worker import DECODES
from benchmarks.lots.telling import tell
from intake.domain.archives import Unpacked
from intake.domain.stdf.decoder import Decoding
from intake.domain.stdf.front import read_front
from intake.domain.words import Door
from intake.models import RawFile
from intake.services import receive_file
from intake.services.loading import load_file
from lots.services import load_reference
from supplychain.base.copying import copy_rows
from supplychain.base.storing import stored
from testing.models import ReadingSummary, Run, UnitResult
from testing.services.readings import PARQUET, ROW_GROUP_ROWS, SUMMARY_COLUMNS
from testing.services.results import COLUMNS

NAMES = ("lot3.stdf", "four_site_93k.stdf")
FRONT_BYTES = 4096
WORKER_FILES = 3
WORKER_TURNS = 3
WORKER_MEGABYTES = 0.4
"""Of the megabytes of the first part, so that six files take about as long."""
TABLES: dict[type[Model], dict[str, str]] = {
    UnitResult: COLUMNS,
    ReadingSummary: SUMMARY_COLUMNS,
}


def main(files: Path, megabytes: float, rounds: int, long: float) -> None:
    """Print each figure beside its floor."""
    load_reference()
    with TemporaryDirectory(prefix="supplychain-benchmark-") as name:
        path = Path(name) / "long.stdf"
        for file in NAMES:
            content = (files / file).read_bytes()
            lengthened(path, content, megabytes)
            against_floor(file, path.read_bytes(), rounds)
        lengthened(path, (files / NAMES[0]).read_bytes(), megabytes * WORKER_MEGABYTES)
        against_one_worker(path.read_bytes())
        if long:
            lengthened(path, (files / NAMES[0]).read_bytes(), long)
            memory((files / NAMES[0]).read_bytes(), path.read_bytes())


def against_floor(name: str, content: bytes, rounds: int) -> None:
    """MB/s of a whole load, and of its bare parts; the best of each counts."""
    size = len(content) / 1e6
    load(received(content, "WARM"))
    served, floor = 0.0, 0.0
    for turn in range(rounds):
        file = received(content, f"FLOOR-{turn}")
        begun = time.perf_counter()
        load(file)
        served = max(served, size / (time.perf_counter() - begun))
        file.refresh_from_db()
        assert file.run is not None
        floor = max(floor, size / bare(file, file.run))
    tell(f"{name} into rows and Parquet", served, floor, "MB/s", "asked: 0.6 or more")


def bare(file: RawFile, run: Run) -> float:
    """Seconds to decode the file, to COPY its rows and to write its Parquet, and nothing else."""
    rows = {
        model: list(QuerySet(model).filter(run=run).values_list(*names))
        for model, names in TABLES.items()
    }
    with default_storage.open(run.readings.path) as stream:
        table = pq.read_table(stream)
    with transaction.atomic():
        for model in TABLES:
            QuerySet(model).filter(run=run).delete()
    begun = time.perf_counter()
    with stored(file.storage_path) as stream:
        for _ in Decoding(Unpacked(stream).chunks()).batches():
            pass
    pq.write_table(table, io.BytesIO(), row_group_size=ROW_GROUP_ROWS, **PARQUET)
    with transaction.atomic():
        for model, names in TABLES.items():
            copy_rows(model, names, rows[model])
    return time.perf_counter() - begun


def against_one_worker(content: bytes) -> None:
    """Files in a second of two workers, beside one worker on as many files; the best of each.

    They take turns, so that what else the machine does falls on both alike. Beside them what two
    processes gain that share nothing, on the same bytes: two cores of a virtual machine may well
    be less than twice one. Also how many cores one worker and its server keep busy: a second worker
    gains no more than what they leave.
    """
    alone = both = bare_alone = bare_both = 0.0
    cores = 0.0
    for turn in range(WORKER_TURNS):
        one, two = (
            [received(content, f"{side}{turn}-{n}").pk for n in range(2 * WORKER_FILES)]
            for side in "AB"
        )
        halves = [two[:WORKER_FILES], two[WORKER_FILES:]]
        busy = busy_seconds()
        seconds = workers([one])
        cores = max(cores, (busy_seconds() - busy) / seconds)
        alone = max(alone, 2 * WORKER_FILES / seconds)
        both = max(both, 2 * WORKER_FILES / workers(halves))
        bare_alone = max(bare_alone, 2 * WORKER_FILES / workers([one], "decode"))
        bare_both = max(bare_both, 2 * WORKER_FILES / workers(halves, "decode"))
    tell("two workers, beside one", both, alone, "files/s", "asked: 1.6 or more")
    tell(
        "two bare decoders, beside one",
        DECODES * bare_both,
        DECODES * bare_alone,
        "files/s",
        "what the machine gives",
    )
    sys.stdout.write(f"one worker keeps {cores:.2f} of {os.cpu_count()} cores busy\n")


def memory(small: bytes, large: bytes) -> None:
    """Most memory of a process that loads a long file, over one that loads a small one."""
    peaks = []
    for name, content in (("SMALL", small), ("LONG", large)):
        process = started([received(content, name).pk])
        output, _ = process.communicate("go\n")
        peaks.append(float(output.split()[-1]))
    size = len(large) / 1e6
    sys.stdout.write(
        f"{size:,.0f} MB loaded: {peaks[1]:.0f} MB at most, {peaks[1] - peaks[0]:.0f} MB more than "
        f"for {len(small) / 1e6:.1f} MB  (asked: at most 200)\n"
    )


def received(content: bytes, lot: str) -> RawFile:
    """The file under another lot's name of the same length, so that it is another file."""
    front = content[:FRONT_BYTES]
    lot_id = read_front([content]).lot_id.encode()
    name = lot.rjust(len(lot_id), "0")[-len(lot_id) :].encode()
    changed = front.replace(bytes([len(lot_id)]) + lot_id, bytes([len(lot_id)]) + name, 1)
    assert changed != front
    stream = io.BytesIO(changed + content[FRONT_BYTES:])
    name_text = f"{lot}-{len(content)}.stdf"
    return receive_file(stream=stream, name=name_text, door=Door.COMMAND, creates_lots=True).file


def load(file: RawFile) -> None:
    """One try that must succeed."""
    assert load_file(file_id=file.pk)
    file.refresh_from_db()
    assert file.run_id, file.message


def workers(shares: Sequence[Sequence[int]], work: str = "load") -> float:
    """Seconds that processes take for their files, once all are warm."""
    processes = [started(share, work) for share in shares]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    begun = time.perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    return time.perf_counter() - begun


def busy_seconds() -> float:
    """What all cores together have worked since the machine began."""
    first = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    user, nice, system, _, _, irq, softirq = map(int, first[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def started(file_ids: Sequence[int], work: str = "load") -> subprocess.Popen[str]:
    """A worker that says when it is warm and waits for a line."""
    connection.close()
    command = [sys.executable, "-m", "benchmarks.ingest.worker", work, *map(str, file_ids)]
    return subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
