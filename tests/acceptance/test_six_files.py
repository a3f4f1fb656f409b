"""Six STDF files of a lot, taken in by four processes at once: the same as one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from intake.domain.stdf.records import Value
from intake.domain.stdf.writer import RecordWriter
from intake.models import RawFile
from intake.services import drain
from intake.tests.handing import hand_in
from intake.tests.test_claims import started, wait_for
from lots.models import Lot, Step
from lots.services import load_reference as load_lots
from lots.tests.making import wafer_lot
from quality.models import YieldFigure
from quality.services import summarise_owed
from testing.domain.words import RetestPolicy
from testing.models import (
    BinDefinition,
    LotStep,
    Parameter,
    ReadingFile,
    ReadingSummary,
    Run,
    RunLimit,
    UnitResult,
)
from testing.services import load_reference as load_testing

NOW = datetime(2026, 6, 1, tzinfo=UTC)
START = 1_760_000_000
HOUR = 3600
LOOSE = -32768
PROCESSES = 4
WORKER = """
import sys
import time
from pathlib import Path
import django
from django.conf import settings
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[1]
django.setup()
from intake.services import drain
Path(sys.argv[2], sys.argv[3]).touch()
while not Path(sys.argv[2], "go").exists():
    time.sleep(0.01)
while drain():
    pass
"""

Insertion = tuple[str, int, int, bool, int]
"""Part id, x, y, whether it passed, and PART_FLG's retest bits."""

pytestmark = pytest.mark.django_db(transaction=True)


def stdf(
    lot: str,
    hours: int,
    wafers: Sequence[tuple[str, Sequence[Insertion]]],
    high: float | None,
    names: Sequence[str],
) -> bytes:
    """One session, written by our writer. high: limit of its test; names: of hard bins from 1."""
    writer = RecordWriter()
    begun = START + hours * HOUR
    records = [
        writer.far(),
        writer.record(
            "MIR", SETUP_T=begun, START_T=begun, STAT_NUM=1, LOT_ID=lot, PART_TYP="TRN3-DIE",
            NODE_NAM="T1", TSTR_TYP="93K", JOB_NAM="SORT", JOB_REV="1", FLOW_ID="CP1",
        ),
    ]  # fmt: skip
    for wafer, insertions in wafers:
        records.append(writer.record("WIR", HEAD_NUM=1, START_T=begun, WAFER_ID=wafer))
        for number, (part, x, y, passed, flag) in enumerate(insertions):
            limits: dict[str, Value] = {"OPT_FLAG": 0xCE, "UNITS": ""}
            if high is not None:
                limits = {"OPT_FLAG": 0x0E, "LO_LIMIT": 0.0, "HI_LIMIT": high, "UNITS": "A"}
            records += [
                writer.record("PIR", HEAD_NUM=1, SITE_NUM=1 + number % 2),
                writer.record(
                    "PTR", TEST_NUM=100, HEAD_NUM=1, SITE_NUM=1 + number % 2,
                    TEST_FLG=0 if passed else 0x80, RESULT=number / 4, TEST_TXT="idd", **limits,
                ),
                writer.record(
                    "PRR", HEAD_NUM=1, SITE_NUM=1 + number % 2,
                    PART_FLG=flag | (0 if passed else 8), NUM_TEST=1, HARD_BIN=1 if passed else 2,
                    SOFT_BIN=1 if passed else 2, X_COORD=x, Y_COORD=y, TEST_T=20, PART_ID=part,
                ),
            ]  # fmt: skip
        records.append(writer.record("WRR", HEAD_NUM=1, FINISH_T=begun, PART_CNT=len(insertions)))
    for number, name in enumerate(names, 1):
        records.append(
            writer.record(
                "HBR", HEAD_NUM=255, SITE_NUM=0, HBIN_NUM=number, HBIN_CNT=0,
                HBIN_PF="P" if number == 1 else "F", HBIN_NAM=name,
            )
        )  # fmt: skip
    records.append(writer.record("MRR", FINISH_T=begun + HOUR))
    return b"".join(records)


def six_files(lot: str) -> list[bytes]:
    """Two wafers probed, retested by flag, by serial and again.

    The fourth and fifth start at the same time; the sixth is a cut copy of the first. Two dies are
    known under two serials each, and one serial stands on both wafers.
    """
    probed = [
        (str(wafer), [(f"E{wafer}-{x:03d}", x, 1, x % 3 == 0, 0) for x in range(12)])
        for wafer in (1, 2)
    ]
    again = [(f"E1-{x:03d}", x, 1, x % 2 == 0, 2) for x in range(1, 9)]
    by_serial = [(f"E2-{x:03d}", LOOSE, LOOSE, True, 1) for x in range(4, 8)]
    third = [("E1-004", 4, 1, False, 0), ("E9-999", 5, 1, True, 0)]
    third_too = [("E1-003", 0, 1, True, 0), ("17", 1, 1, True, 0)]
    last = [(f"E2-{x:03d}", x, 1, True, 2) for x in (2, 4, 6)]
    first = stdf(lot, 0, probed, 2.5, ("good", "open"))
    return [
        first,
        stdf(lot, 2, [("1", again)], 9.0, ("pass", "open", "leak")),
        stdf(lot, 3, [("2", by_serial)], None, ()),
        stdf(lot, 4, [("1", third), ("2", third_too)], 2.0, ("fourth",)),
        stdf(lot, 4, [("2", last)], 3.0, ("fifth", "fifth", "fifth", "fifth")),
        first[: len(first) * 2 // 3],
    ]


def lots_under_each_policy() -> dict[str, RetestPolicy]:
    """Lot → policy of its sort, which counts from its first file on."""
    policies = {f"W{place}": policy for place, policy in enumerate(RetestPolicy)}
    for code, policy in policies.items():
        lot = wafer_lot(code, step="CP1", wafers=2)
        step = Step.objects.get(route_version=lot.route_version, code="CP1")
        LotStep.objects.create(lot=lot, step=step, policy=policy)
    return policies


def figures() -> dict[str, Any]:
    """All that pages and the API tell of the lots, without what counts loads or is a row's own."""
    by_lot = ("lot_step__lot__code", "scope", "scope_key")
    yields = YieldFigure.objects.filter(is_current=True).exclude(scope="program").order_by(*by_lot)
    run = "run__source_sha256"
    return {
        "states": list(RawFile.objects.order_by("sha256").values_list("sha256", "state")),
        "counts": list(
            LotStep.objects.order_by("lot__code").values_list(
                "policy", "insertion_count", "unit_count", "first_pass_count", "final_pass_count",
                "retested_count", "recovered_count", "first_started_at",
            )
        ),
        "conflicts": list(
            LotStep.objects.order_by("lot__code", "conflicts__kind", "conflicts__subject")
            .values_list("lot__code", "conflicts__subject", "conflicts__names")
        ),
        "runs": list(
            Run.objects.order_by("source_sha256").values_list(
                "source_sha256", "superseded_by__source_sha256", "is_partial", "unit_count",
                "first_pass_count", "final_pass_count",
            )
        ),
        "results": list(
            UnitResult.objects.order_by(run, "part_index").values_list(
                run, "part_index", "unit_key", "attempt", "is_first", "is_final", "outcome",
                "hard_bin", "site",
            )
        ),
        "limits": list(
            Parameter.objects.order_by("number").values_list(
                "number", "text", "units", "limit_low", "limit_high", "stated_by__source_sha256"
            )
        ),
        "own limits": list(
            RunLimit.objects.order_by(run).values_list(run, "units", "limit_low", "limit_high")
        ),
        "bins": list(
            BinDefinition.objects.order_by("kind", "number").values_list(
                "kind", "number", "name", "passes", "stated_by__source_sha256"
            )
        ),
        "summaries": list(
            ReadingSummary.objects.order_by(run, "parameter__number", "site").values_list(
                run, "site", "count", "fail_count", "mean", "deviation", "median"
            )
        ),
        "readings": list(ReadingFile.objects.order_by(run).values_list(run, "row_count")),
        "yields": list(
            yields.values_list(
                *by_lot, "tested", "first_passed", "final_passed", "retested", "recovered",
                "final_low", "final_high", "fail_bins",
            )
        ),
    }  # fmt: skip


def work_at_once(folder: Path) -> None:
    """Four processes that begin together and work until nothing is owed."""
    ready = folder / "ready"
    ready.mkdir()
    workers = [
        started(WORKER, str(folder / "files"), str(ready), str(number))
        for number in range(PROCESSES)
    ]
    try:
        wait_for(lambda: len(list(ready.iterdir())) == PROCESSES, seconds=300)
        (ready / "go").touch()
        for worker in workers:
            worker.communicate(timeout=300)
            assert worker.returncode == 0
    finally:
        for worker in workers:
            worker.kill()


@pytest.fixture
def folder(transactional_db: None, files_folder: Path) -> Iterator[Path]:
    load_lots()
    load_testing()
    yield files_folder


def test_four_processes_leave_what_one_leaves_under_each_policy(folder: Path) -> None:
    files = [file for lot in lots_under_each_policy() for file in six_files(lot)]
    with transaction.atomic():
        for file in files:
            hand_in(file)
        assert not drain(seconds=300)
        summarise_owed(now=NOW)
        expected = figures()
        transaction.set_rollback(True)
    assert not Run.objects.exists()
    for file in reversed(files):
        hand_in(file)
    work_at_once(folder)
    summarise_owed(now=NOW)
    assert figures() == expected
    assert [state for _, state in expected["states"]].count("loaded") == 15
    assert [counts[0] for counts in expected["counts"]] == [*RetestPolicy]
    assert {counts[4] for counts in expected["counts"]} != {expected["counts"][0][4]}
    assert len(expected["yields"]) > len(Lot.objects.all())
