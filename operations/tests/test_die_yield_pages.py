"""Yield of die positions over the lots of a product at a step."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from operations.tests.line import Line
from quality.domain.clustering import ClusterSums, clustered
from quality.models import DownBin, YieldBook, YieldPart
from quality.selectors import die_yields
from quality.selectors.yield_levels import YieldAsked
from testing.domain.words import Outcome
from testing.models import UnitResult

AsRole = Callable[[str], Client]


@pytest.fixture
def book(line: Line, db: None) -> YieldBook:
    """A counted lot step with dies on wafers."""
    zones = YieldPart.objects.filter(slice="zone").values("lot_step")
    found = YieldBook.objects.filter(lot_step__in=zones, is_counted=True).first()
    assert found is not None
    return found


def words(book: YieldBook, *, lot: str = "") -> dict[str, str]:
    asked = {"weeks": "0", "product": book.product.code, "step": book.step_code}
    return {**asked, **({"lot": lot} if lot else {})}


def rows_of(client: Client, asked: dict[str, str]) -> list[dict[str, str]]:
    answer = client.get("/yields/dies.csv", asked)
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def test_every_die_of_the_lots_is_counted_at_its_place(book: YieldBook, as_role: AsRole) -> None:
    rows = rows_of(as_role("Quality"), words(book))
    books = YieldBook.objects.filter(
        product=book.product, step_code=book.step_code, is_counted=True
    )
    assert sum(int(row["tested"]) for row in rows) == sum(books.values_list("tested", flat=True))
    assert sum(int(row["passed"]) for row in rows) == sum(
        books.values_list("final_passed", flat=True)
    )
    assert len({(row["x"], row["y"]) for row in rows}) == len(rows)


def test_first_insertions_are_counted_where_they_are_asked(
    book: YieldBook, as_role: AsRole
) -> None:
    client = as_role("Quality")
    rows = rows_of(client, {**words(book), "insertion": "first"})
    firsts = UnitResult.objects.filter(
        lot_step__yield_book__product=book.product, is_first=True, x__isnull=False,
        lot_step__yield_book__step_code=book.step_code, lot_step__yield_book__is_counted=True,
    )  # fmt: skip
    failed = firsts.exclude(outcome=Outcome.PASS).first()
    assert failed is not None
    again = rows_of(client, words(book))
    UnitResult.objects.filter(pk=failed.pk).update(outcome=Outcome.PASS, is_final=False)
    assert passed_of(rows_of(client, {**words(book), "insertion": "first"})) == (
        passed_of(rows) + 1
    )
    assert passed_of(rows_of(client, words(book))) <= passed_of(again)
    assert sum(int(row["tested"]) for row in rows) == firsts.count()
    assert {(row["grade"], row["insertion"]) for row in rows} == {("sellable", "first")}


def passed_of(rows: list[dict[str, str]]) -> int:
    return sum(int(row["passed"]) for row in rows)


def test_down_bins_fail_where_prime_bins_alone_count(book: YieldBook, as_role: AsRole) -> None:
    client, asked = as_role("Quality"), {**words(book), "grade": "prime"}
    before = passed_of(rows_of(client, asked))
    assert before == passed_of(rows_of(client, words(book)))
    DownBin.objects.create(product=book.product, step_code=book.step_code, hard_bin=1)
    sold_as_less = UnitResult.objects.filter(
        lot_step__yield_book__product=book.product, is_final=True, hard_bin=1,
        lot_step__yield_book__step_code=book.step_code, lot_step__yield_book__is_counted=True,
        outcome=Outcome.PASS,
    ).count()  # fmt: skip
    assert sold_as_less
    assert passed_of(rows_of(client, asked)) == before - sold_as_less
    assert passed_of(rows_of(client, words(book))) == before
    text = client.get("/yields/dies", asked).content.decode()
    assert "down-bins count as failed" in text


def test_interval_of_a_place_is_by_its_lots(book: YieldBook, as_role: AsRole) -> None:
    asked = YieldAsked(product=book.product.code, step=book.step_code)
    row = die_yields.die_yields(asked).rows[0]
    counts: dict[int, list[int]] = {}
    for lot_step, outcome in UnitResult.objects.filter(
        lot_step__yield_book__product=book.product, lot_step__yield_book__step_code=book.step_code,
        lot_step__yield_book__is_counted=True, is_final=True, x=row.x, y=row.y,
    ).values_list("lot_step_id", "outcome"):  # fmt: skip
        here = counts.setdefault(lot_step, [0, 0])
        here[0] += 1
        here[1] += outcome == Outcome.PASS
    lots = list(counts.values())
    sums = ClusterSums(
        len(lots), sum(n for n, _ in lots), sum(c for _, c in lots), sum(n * n for n, _ in lots),
        sum(c * c for _, c in lots), sum(n * c for n, c in lots),
    )  # fmt: skip
    assert (row.lots, row.tested, row.passed) == (sums.lots, sums.units, sums.passed)
    assert row.interval == clustered(sums)


def test_one_lot_is_asked_by_its_code(book: YieldBook, as_role: AsRole) -> None:
    rows = rows_of(as_role("Quality"), words(book, lot=book.lot_step.lot.code))
    assert sum(int(row["tested"]) for row in rows) == book.tested
    assert {row["lots"] for row in rows} == {"1"}


def test_page_draws_the_map_and_tells_the_same_in_a_table(book: YieldBook, as_role: AsRole) -> None:
    rows = die_yields.die_yields(YieldAsked(product=book.product.code, step=book.step_code)).rows
    answer = as_role("Test engineer").get("/yields/dies", words(book))
    text = answer.content.decode()
    assert text.count("<title>X ") == len(rows)
    assert f"X {rows[0].x}, Y {rows[0].y}: {rows[0].passed:,} of {rows[0].tested:,} passed" in text
    assert f"{rows[0].interval.low * 100:.1f} to {rows[0].interval.high * 100:.1f}" in text


def book_count(book: YieldBook) -> int:
    return YieldBook.objects.filter(
        product=book.product, step_code=book.step_code, is_counted=True
    ).count()


def test_newest_lots_alone_are_read(
    book: YieldBook,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(die_yields, "LOTS_MAX", 1)
    asked = YieldAsked(product=book.product.code, step=book.step_code)
    with django_assert_num_queries(3):
        found = die_yields.die_yields(asked)
    assert len(found.lots) == 1
    assert found.lot_count == book_count(book)
    assert {row.lots for row in found.rows} == {1}


def test_many_places_are_told_on_a_coarser_grid(
    book: YieldBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = YieldAsked(product=book.product.code, step=book.step_code)
    fine = die_yields.die_yields(asked)
    monkeypatch.setattr(die_yields, "pitch_for", lambda _: 2)
    coarse = die_yields.die_yields(asked)
    assert len(coarse.rows) < len(fine.rows)
    assert sum(row.tested for row in coarse.rows) == sum(row.tested for row in fine.rows)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "Choose a product and a step"),
        ({"weeks": "0", "product": "TRN3", "step": "FT-HOT"}, "No die with a place"),
    ],
)
def test_page_without_dies_says_what_to_do(
    line: Line, as_role: AsRole, asked: dict[str, Any], told: str
) -> None:
    assert told in as_role("Quality").get("/yields/dies", asked).content.decode()


def test_csv_without_a_step_has_its_columns_alone(line: Line, as_role: AsRole) -> None:
    assert rows_of(as_role("Quality"), {}) == []


def test_explorer_leads_to_the_dies_of_a_step(book: YieldBook, as_role: AsRole) -> None:
    client = as_role("Quality")
    assert "/yields/dies?" in client.get("/yields", words(book)).content.decode()
    assert "/yields/dies?" not in client.get("/yields", {"weeks": "0"}).content.decode()


def test_finance_does_not_see_yields_of_dies(line: Line, as_role: AsRole) -> None:
    assert as_role("Finance").get("/yields/dies").status_code == 403
