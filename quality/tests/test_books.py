"""Parts, books and totals behind yields, and the log of what was stated anew."""

from __future__ import annotations

import datetime

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from lots.domain.words import LotPurpose
from quality.models import (
    DownBin,
    OwedYield,
    YieldBook,
    YieldPart,
    YieldRestatement,
    YieldTotal,
)
from quality.services import restate_coverage, summarise_owed
from quality.tests.building import NOW
from quality.tests.test_fact_detectors import chip_lot
from testing.domain.words import Outcome
from testing.services import record_burn_in, record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

BAD = Outcome.FAIL


def sort_wafer(line: Line, wafer: int = 0, sha: str = "a", hours: float = 0) -> None:
    """Nine dies three by three; the corners fail."""
    corners = {(0, 0), (0, 2), (2, 0), (2, 2)}
    parts = [
        Part(place=(wafer, x, y), outcome=BAD if (x, y) in corners else Outcome.PASS)
        for x in range(3)
        for y in range(3)
    ]
    record_run(line.sorted(*parts, sha256=sha * 64, hours=hours).record())


def total(kind: str, key: str = "") -> YieldTotal:
    return YieldTotal.objects.get(slice=kind, slice_key=key)


def test_book_tells_what_the_yield_rests_on(line: Line) -> None:
    sort_wafer(line)
    summarise_owed(now=NOW)
    book = YieldBook.objects.get()
    assert (book.tested, book.final_passed, book.insertion_count) == (9, 5, 9)
    assert (book.expected, book.covered, book.expected_noun) == (2, 1, "wafers")
    assert (book.policy, book.left_out_count, book.is_counted) == ("last-v1", 0, True)
    assert book.week == datetime.date(2026, 2, 23), "the Monday before the 1st of March"


def test_zones_are_rings_about_the_middle(line: Line) -> None:
    line.die.die_width_mm = line.die.die_height_mm = 1
    line.die.save()
    sort_wafer(line)
    summarise_owed(now=NOW)
    rows = YieldTotal.objects.filter(slice="zone").values_list(
        "slice_key", "tested", "final_passed"
    )
    assert set(rows) == {("centre", 1, 1), ("edge", 8, 4)}


def test_every_slice_is_added_up(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), Part(part_id="C2", site=2, outcome=BAD)).record())
    summarise_owed(now=NOW)
    kinds = set(YieldTotal.objects.values_list("slice", "slice_key", "tested"))
    assert {kind for kind in kinds if kind[0] != "program"} == {
        ("whole", "", 2), ("tester", "T1", 2), ("site", "T1/1/1", 1), ("site", "T1/1/2", 1),
        ("board", "LB-7", 2),
    }  # fmt: skip
    assert YieldTotal.objects.filter(slice="program").count() == 1


def test_ovens_are_a_slice_of_their_own(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", "C2"))
    summarise_owed(now=NOW)
    (oven,) = YieldTotal.objects.filter(slice="oven")
    assert (oven.tested, oven.final_passed, oven.lot_count) == (2, 2, 1)


def test_two_weeks_are_added_up_apart(line: Line) -> None:
    sort_wafer(line)
    record_run(line.tested(Part(part_id="C1"), sha256="d" * 64, hours=24 * 8).record())
    summarise_owed(now=NOW)
    assert YieldTotal.objects.filter(slice="whole").count() == 2


def test_late_file_changes_only_the_totals_of_its_own_slices(line: Line) -> None:
    sort_wafer(line)
    record_run(line.tested(Part(part_id="C1"), sha256="c" * 64).record())
    summarise_owed(now=NOW)
    others = YieldTotal.objects.exclude(week__step_code=line.sort.code)
    stood = list(others.order_by("pk").values())
    sort_wafer(line, wafer=1, sha="b", hours=-5)
    summarise_owed(now=NOW)
    assert list(others.order_by("pk").values()) == stood
    assert YieldTotal.objects.get(slice="whole", week__step_code=line.sort.code).tested == 18


def test_squares_are_over_lots_not_over_files(line: Line) -> None:
    sort_wafer(line)
    sort_wafer(line, wafer=1, sha="b", hours=5)
    summarise_owed(now=NOW)
    whole = total("whole")
    assert (whole.lot_count, whole.tested_squared) == (1, 18**2)
    assert (whole.final_passed_squared, whole.final_passed_product) == (10**2, 10 * 18)


def test_down_bin_is_sellable_but_neither_prime_nor_recovered(line: Line) -> None:
    DownBin.objects.create(product=line.chip, step_code=line.final_test.code, hard_bin=3)
    first = [Part(part_id="C1"), Part(part_id="C2", outcome=BAD), Part(part_id="C3", outcome=BAD)]
    record_run(line.tested(*first).record())
    again = [Part(part_id="C2"), Part(part_id="C3", hard_bin=3)]
    record_run(line.tested(*again, sha256="b" * 64, hours=2).record())
    summarise_owed(now=NOW)
    book = YieldBook.objects.get()
    assert (book.final_passed, book.final_prime) == (3, 2)
    assert (book.recovered, book.recovered_prime) == (2, 1)


def test_naming_a_down_bin_later_states_the_yield_anew(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), Part(part_id="C2", hard_bin=3)).record())
    summarise_owed(now=NOW)
    DownBin.objects.create(product=line.chip, step_code=line.final_test.code, hard_bin=3)
    assert summarise_owed(now=NOW) == 1
    assert YieldBook.objects.get().final_prime == 1
    row = YieldRestatement.objects.get()
    assert (row.cause, row.before["final_prime"], row.after["final_prime"]) == ("bins", 2, 1)


def test_restatement_names_the_file_that_did_it(line: Line) -> None:
    sort_wafer(line)
    summarise_owed(now=NOW)
    sort_wafer(line, wafer=1, sha="b", hours=5)
    summarise_owed(now=NOW)
    row = YieldRestatement.objects.get()
    assert (row.before["tested"], row.after["tested"]) == (9, 18)
    assert row.reason == "more: a.stdf"


def test_restatements_are_never_changed(line: Line) -> None:
    test_restatement_names_the_file_that_did_it(line)
    with pytest.raises(DatabaseError), transaction.atomic():
        YieldRestatement.objects.update(reason="nothing")


def test_engineering_lots_are_not_added_up(line: Line) -> None:
    sort_wafer(line)
    summarise_owed(now=NOW)
    line.wafer_lot.purpose = LotPurpose.ENGINEERING
    line.wafer_lot.save()
    assert summarise_owed(now=NOW) == 1
    assert not YieldTotal.objects.exists()
    assert YieldRestatement.objects.get().cause == "lot"


def test_nothing_changed_is_not_a_restatement(line: Line) -> None:
    sort_wafer(line)
    summarise_owed(now=NOW)
    OwedYield.objects.create(lot_step=YieldBook.objects.get().lot_step)
    summarise_owed(now=NOW)
    assert not YieldRestatement.objects.exists()


def test_scrapped_wafer_is_no_longer_expected(line: Line) -> None:
    sort_wafer(line)
    summarise_owed(now=NOW)
    line.wafers[1].is_scrapped = True
    line.wafers[1].save()
    assert restate_coverage(lot_ids=[line.wafer_lot.pk]) == 1
    assert YieldBook.objects.get().expected == 1


def test_coverage_is_asked_once_for_all_lots_of_a_step(
    line: Line, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lots = [line.chip_lot, *(chip_lot(f"Q-{number}", quantity=3) for number in range(3))]
    for number, lot in enumerate(lots):
        part = Part(part_id=f"C{number}")
        record_run(line.tested(part, lot_id=lot.pk, sha256=f"{number:064x}").record())
    summarise_owed(now=NOW)
    with django_assert_num_queries(4):  # two, and a savepoint around them
        restate_coverage(lot_ids=[lot.pk for lot in lots])
    assert YieldBook.objects.count() == 4


def test_database_refuses_more_prime_than_passed(line: Line) -> None:
    sort_wafer(line)
    summarise_owed(now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        YieldPart.objects.update(first_prime=99)
