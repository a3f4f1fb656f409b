"""Yields kept as results come equal a full recount, and whoever breaks them is found out."""

from __future__ import annotations

import os
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from quality.models import YieldBook, YieldFigure, YieldPart, YieldRestatement, YieldTotal
from quality.services import rebuild_yields, recount_differences, summarise_owed
from quality.tests.arriving import Arrivals
from quality.tests.building import NOW
from testing.domain.words import Outcome
from testing.models import LotStep
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

ARRIVALS = int(os.environ.get("YIELD_ARRIVALS", "40"))
"""The acceptance run takes 1000."""

GOOD, BAD = Outcome.PASS, Outcome.FAIL


def recorded_sort(line: Line) -> None:
    dies = [
        Part(place=(0, x, y), outcome=BAD if x == y else GOOD) for x in range(3) for y in range(3)
    ]
    record_run(line.sorted(*dies).record())
    record_run(line.sorted(Part(place=(0, 1, 1)), sha256="b" * 64, hours=2).record())


def summarised(line: Line) -> None:
    recorded_sort(line)
    summarise_owed(now=NOW)


@pytest.mark.parametrize("seed", [1])
def test_late_repeated_and_corrected_arrivals_equal_a_full_recount(line: Line, seed: int) -> None:
    arrivals = Arrivals(line, seed)
    for _ in range(ARRIVALS):
        arrivals.one()
    while summarise_owed(now=NOW):
        pass
    assert recount_differences() == []
    for book in YieldBook.objects.select_related("lot_step"):
        row = book.lot_step
        kept = (row.unit_count, row.first_pass_count, row.final_pass_count, row.retested_count)
        assert (book.tested, book.first_passed, book.final_passed, book.retested) == kept
        assert book.recovered == row.recovered_count


@pytest.mark.parametrize(
    ("table", "noun"),
    [(YieldPart, "part"), (YieldBook, "book"), (YieldTotal, "total"), (YieldFigure, "figure")],
)
def test_a_count_that_was_tampered_with_is_named(line: Line, table: type, noun: str) -> None:
    summarised(line)
    row = table._default_manager.order_by("pk").last()  # type: ignore[attr-defined]
    row.retested, row.tested = row.retested + 1, row.tested + 1
    row.save()
    found = [one for one in recount_differences() if one.table.noun == noun]
    assert [f"tested is {row.tested - 1}, stored {row.tested}" in str(one) for one in found] == [
        True
    ]


def test_a_part_that_is_gone_is_named(line: Line) -> None:
    summarised(line)
    YieldPart.objects.all().delete()
    assert "counted, but not stored" in str(recount_differences()[0])


def test_check_fails_and_tells_each_difference(line: Line) -> None:
    summarised(line)
    YieldTotal.objects.order_by("pk").first().delete()  # type: ignore[union-attr]
    said = StringIO()
    with pytest.raises(CommandError, match="1 differences"):
        call_command("recompute", "--check", stdout=said)
    assert "total of" in said.getvalue()


def test_rebuilding_stores_what_the_results_say_and_logs_it(line: Line) -> None:
    summarised(line)
    book = YieldBook.objects.get()
    stood = YieldTotal.objects.count()
    YieldPart.objects.filter(pk=YieldPart.objects.first().pk).delete()  # type: ignore[union-attr]
    YieldBook.objects.update(tested=book.tested + 5)
    YieldTotal.objects.all().delete()
    assert rebuild_yields(now=NOW) > 0
    assert recount_differences() == []
    assert YieldTotal.objects.count() == stood
    assert YieldRestatement.objects.get().cause == "recount"
    assert rebuild_yields(now=NOW) == 0


def test_what_waits_to_be_counted_is_left_out_and_said(line: Line) -> None:
    recorded_sort(line)
    said = StringIO()
    call_command("recompute", "--check", stdout=said)
    assert "1 lot steps wait" in said.getvalue()
    call_command("recompute", stdout=said)
    assert LotStep.objects.filter(owed_yield__isnull=False).exists()


def test_check_of_an_empty_line_passes(rules: None) -> None:
    said = StringIO()
    call_command("recompute", "--check", stdout=said)
    assert said.getvalue() == "Every yield equals a full recount.\n"
