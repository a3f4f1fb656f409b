from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from lots.models import Step
from supplychain.base.errors import ConflictError, RefusedError
from testing.domain.records import ParameterRecord
from testing.domain.words import EquipmentKind, Outcome, ParameterKind
from testing.models import (
    BinDefinition,
    Equipment,
    LotStep,
    Parameter,
    ReadingFile,
    ReadingSummary,
    Run,
    UnitResult,
)
from testing.selectors import readings
from testing.services import delete_orphan_reading_files, record_run
from testing.services import runs as runs_module
from testing.tests.builders import START, Part
from testing.tests.conftest import Line

FAIL = Outcome.FAIL


def attempts(lot_step: LotStep) -> list[tuple[str, int | None, bool, bool]]:
    """Source, attempt, is_first, is_final in order of attempt."""
    rows = lot_step.results.order_by("attempt")
    return list(rows.values_list("run__source_sha256", "attempt", "is_first", "is_final"))


def test_every_insertion_is_kept_with_its_values(line: Line) -> None:
    run = record_run(
        line.sorted(Part(place=(1, -3, 4), part_id="9", outcome=FAIL, site=2)).record()
    )
    result = run.results.get()
    assert (result.wafer, result.x, result.y) == (line.wafers[1], -3, 4)
    assert (result.part_id, result.outcome, result.hard_bin, result.site) == ("9", "fail", 2, 2)
    assert (result.soft_bin, result.test_time_ms, result.part_index) == (None, 1200, 0)


def test_a_run_names_what_measured_and_what_decided(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C1")).record())
    assert (run.tester.code, run.tester.kind) == ("T1", EquipmentKind.TESTER)
    assert run.load_board == Equipment.objects.get(kind=EquipmentKind.LOAD_BOARD)
    assert run.probe_card is None
    assert str(run.revision) == "sort 1"
    assert run.revision.bins.get().name == "good"


def test_a_run_counts_its_own_first_and_last_insertions(line: Line) -> None:
    parts = [Part(part_id="C1", outcome=FAIL), Part(part_id="C2"), Part(part_id="C1")]
    run = record_run(line.tested(*parts).record())
    assert (run.insertion_count, run.unit_count) == (3, 2)
    assert (run.first_pass_count, run.final_pass_count) == (1, 2)


def test_a_part_with_a_known_serial_is_tied_to_its_unit(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C2"), Part(part_id="nobody")).record())
    units = list(run.results.order_by("part_index").values_list("unit__serial", flat=True))
    assert units == ["C2", None]


def test_a_serial_of_another_product_is_another_unit(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C2"), product_id=line.die.pk).record())
    assert run.results.get().unit is None


def test_a_retest_in_a_later_file_is_the_second_attempt(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1", outcome=FAIL), sha256="a").record())
    run = record_run(line.tested(Part(part_id="C1"), sha256="b", hours=5).record())
    assert attempts(run.lot_step) == [("a", 1, True, False), ("b", 2, False, True)]


def test_an_earlier_run_that_arrives_late_renumbers_the_later_one(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="late", hours=5).record())
    run = record_run(line.tested(Part(part_id="C1", outcome=FAIL), sha256="early").record())
    assert attempts(run.lot_step) == [("early", 1, True, False), ("late", 2, False, True)]


def test_retests_of_dies_are_found_by_wafer_and_position(line: Line) -> None:
    first = [Part(place=(0, 1, 1), outcome=FAIL), Part(place=(1, 1, 1))]
    record_run(line.sorted(*first, sha256="a").record())
    run = record_run(line.sorted(Part(place=(0, 1, 1)), sha256="b", hours=1).record())
    numbered = run.lot_step.results.order_by("unit_key", "attempt")
    assert list(numbered.values_list("wafer__number", "attempt")) == [(1, 1), (1, 2), (2, 1)]


def test_the_same_source_again_changes_nothing(line: Line) -> None:
    session = line.tested(Part(part_id="C1"))
    first, again = record_run(session.record()), record_run(session.record())
    assert again == first
    assert (UnitResult.objects.count(), ReadingSummary.objects.count()) == (1, 1)
    assert LotStep.objects.get().revision == 1


def test_the_same_source_at_another_step_is_refused(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1")).record())
    with pytest.raises(ConflictError):
        record_run(line.tested(Part(part_id="C1"), step_id=line.burn_in.pk).record())


def test_a_step_of_another_route_is_refused(line: Line) -> None:
    other = Step.objects.get(route_version__route__code="F")
    with pytest.raises(RefusedError):
        record_run(line.tested(Part(), step_id=other.pk).record())


def test_every_load_raises_the_revision_and_keeps_the_first_start(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="a", hours=5).record())
    record_run(line.tested(Part(part_id="C2"), sha256="b").record())
    lot_step = LotStep.objects.get()
    assert (lot_step.revision, lot_step.first_started_at) == (2, START)


def test_readings_come_back_from_storage_by_parameter(line: Line) -> None:
    parameters = [
        ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC),
        ParameterRecord(100, "idd", 1, ParameterKind.PARAMETRIC),
    ]
    parts = [Part(part_id="C1", value=1.5), Part(part_id="C2", value=float("nan"), site=3)]
    run = record_run(line.tested(*parts, parameters=parameters).record())
    found = readings(run, Parameter.objects.get(occurrence=1))
    assert (found.part_index.tolist(), found.site.tolist()) == ([0, 1], [1, 3])
    assert found.value.tolist() == pytest.approx([1.5, float("nan")], nan_ok=True)


def test_reading_files_lie_by_product_step_and_lot(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C1")).record())
    path = f"readings/product=TRN3/step=FT-HOT/lot=AS-1/run={'a' * 64}.parquet"
    assert run.readings.path == path
    assert run.readings.byte_count == default_storage.size(path)
    assert run.readings.row_count == 1


def test_a_run_without_readings_has_no_reading_file(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C1"), parameters=[]).record())
    parameter = Parameter(pk=1)
    assert not ReadingFile.objects.exists()
    assert readings(run, parameter).value.tolist() == []


def test_summaries_stand_per_parameter_and_site(line: Line) -> None:
    parts = [Part(part_id=str(n), site=n % 2, value=float(n)) for n in range(4)]
    record_run(line.tested(*parts).record())
    rows = ReadingSummary.objects.order_by("site").values_list("site", "count", "mean", "median")
    assert list(rows) == [(0, 2, 1.0, 1.0), (1, 2, 2.0, 2.0)]


def test_parameters_that_read_alike_are_summed_up_as_one(line: Line) -> None:
    long = ParameterRecord(1, "t" * 300, 0, ParameterKind.FUNCTIONAL)
    longer = ParameterRecord(1, "t" * 299, 0, ParameterKind.FUNCTIONAL)
    record_run(line.tested(Part(part_id="C1"), parameters=[long, longer]).record())
    assert ReadingSummary.objects.get().count == 2


def test_parameters_and_bins_of_a_revision_are_added_once(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="a").record())
    record_run(line.tested(Part(part_id="C2"), sha256="b").record())
    assert (Parameter.objects.count(), BinDefinition.objects.count()) == (1, 1)


def test_limits_that_are_no_number_are_no_limits(line: Line) -> None:
    odd = ParameterRecord(
        1, "v", 0, ParameterKind.PARAMETRIC, limit_low=float("nan"), limit_high=2.0
    )
    record_run(line.tested(Part(part_id="C1"), parameters=[odd]).record())
    parameter = Parameter.objects.get()
    assert (parameter.limit_low, parameter.limit_high) == (None, 2.0)


def test_a_failed_load_leaves_neither_rows_nor_files(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(runs_module, "mark_changed", fail)
    with pytest.raises(OSError, match="full"):
        record_run(line.tested(Part(part_id="C1")).record())
    assert not Run.objects.exists()
    assert default_storage.listdir("readings/product=TRN3/step=FT-HOT/lot=AS-1") == ([], [])


def test_files_that_no_run_points_to_are_swept(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C1")).record())
    orphan = run.readings.path.replace("run=", "run=b")
    with default_storage.open(run.readings.path) as stream:
        default_storage.save(orphan, stream)
    later = default_storage.get_modified_time(orphan) + timedelta(seconds=1)
    assert delete_orphan_reading_files(stored_before=START) == 0
    assert delete_orphan_reading_files(stored_before=later) == 1
    assert (default_storage.exists(orphan), default_storage.exists(run.readings.path)) == (
        False,
        True,
    )


def test_nothing_is_swept_before_anything_is_stored(files_folder: object) -> None:
    assert delete_orphan_reading_files(stored_before=START) == 0


def test_queries_do_not_grow_with_parts(
    line: Line, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    parts = [Part(part_id=f"P{number}", value=number) for number in range(500)]
    with django_assert_max_num_queries(45):
        record_run(line.tested(*parts).record())


def test_the_database_holds_one_deciding_result_per_unit(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), Part(part_id="C1")).record())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE testing_unitresult SET is_final = TRUE")


def test_the_database_holds_each_attempt_once(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), Part(part_id="C1")).record())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE testing_unitresult SET attempt = 1")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_same_chip_at_another_step_starts_with_its_first_attempt(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="a").record())
    record_run(
        line.tested(Part(part_id="C1"), sha256="b", step_id=line.burn_in.pk, hours=9).record()
    )
    assert list(UnitResult.objects.values_list("attempt", flat=True)) == [1, 1]
