"""The yield explorer from the line to a wafer."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO

import pytest
from django.test import Client

from lots.models import Lot
from operations.tests.line import Line
from quality.models import YieldBook, YieldPart
from quality.selectors.yield_levels import YieldAsked, product_rows, step_rows, week_rows
from supplychain.base.sheets import BYTE_ORDER_MARK

AsRole = Callable[[str], Client]
ALL = "/yields?weeks=0"


@pytest.fixture
def book(line: Line, db: None) -> YieldBook:
    """A counted lot step with wafers."""
    wafers = YieldPart.objects.filter(slice="wafer").values("lot_step")
    found = YieldBook.objects.filter(lot_step__in=wafers, is_counted=True).first()
    assert found is not None
    return found


def address(book: YieldBook, *levels: str) -> str:
    parts = {
        "product": book.product.code, "step": book.step_code, "week": str(book.week),
        "lot": book.lot_step.lot.code,
    }  # fmt: skip
    return "&".join([ALL, *(f"{name}={parts[name]}" for name in levels)])


def shown(as_role: AsRole, where: str) -> str:
    return text_of(as_role("Quality"), where)


def text_of(client: Client, where: str) -> str:
    answer = client.get(where)
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_level_leads_one_down(book: YieldBook, as_role: AsRole) -> None:
    lot = book.lot_step.lot.code
    below = [
        f"product={book.product.code}", f"step={book.step_code}", f"week={book.week}", f"lot={lot}",
    ]  # fmt: skip
    levels = ("product", "step", "week", "lot")
    client = as_role("Quality")
    for depth, link in enumerate(below):
        assert link in text_of(client, address(book, *levels[:depth]))
    wafer = book.lot_step.lot.wafers.order_by("code")[0].code
    assert f"/wafers/{wafer}" in text_of(client, address(book, *levels))


def test_page_tells_what_the_yield_rests_on(book: YieldBook, as_role: AsRole) -> None:
    text = shown(as_role, address(book, "product", "step", "lot"))
    assert "wafers that should have results" in text
    assert book.policy in text


@pytest.mark.parametrize("by", ["zone", "tester", "site", "card", "board", "oven", "program"])
def test_units_are_told_apart_by_every_slice(book: YieldBook, as_role: AsRole, by: str) -> None:
    assert f"By {by}" in shown(as_role, f"{address(book, 'product', 'step')}&by={by}")


@pytest.mark.parametrize(
    "word", ["by=nothing", "grade=best", "insertion=third", "week=soon", "weeks=x"]
)
def test_words_that_are_none_are_refused(line: Line, as_role: AsRole, word: str) -> None:
    assert as_role("Quality").get(f"/yields?{word}").status_code == 400


def test_unknown_product_is_missing(line: Line, as_role: AsRole) -> None:
    assert as_role("Quality").get(f"{ALL}&product=NOPE").status_code == 404


def test_csv_has_the_rows_of_the_page(book: YieldBook, as_role: AsRole) -> None:
    where = address(book, "product", "step").replace("/yields", "/yields.csv")
    rows = list(csv.DictReader(StringIO(shown(as_role, where).removeprefix(BYTE_ORDER_MARK))))
    weeks = [row for row in rows if row["level"] == "Week of"]
    assert sum(int(row["tested"]) for row in weeks) == sum(
        YieldBook.objects.filter(
            product=book.product, step_code=book.step_code, is_counted=True
        ).values_list("tested", flat=True)
    )


def test_csv_gives_a_spreadsheet_no_formula(book: YieldBook, as_role: AsRole) -> None:
    Lot.objects.filter(pk=book.lot_step.lot_id).update(code="=HYPERLINK(1)")
    where = address(book, "product", "step", "week").replace("/yields", "/yields.csv")
    assert "Lot,'=HYPERLINK(1)," in shown(as_role, where)


def test_rolled_yield_multiplies_steps_in_order_of_the_route(book: YieldBook) -> None:
    rows = step_rows(YieldAsked(product=book.product.code))
    expected = 1.0
    for row in rows:
        assert row.ratio is not None
        expected *= row.ratio
        assert row.rolled == pytest.approx(expected)
    (whole,) = [row for row in product_rows(YieldAsked()) if row.name == book.product.code]
    assert whole.rolled == pytest.approx(expected)


def test_week_pools_counts_of_its_lots(book: YieldBook) -> None:
    asked = YieldAsked(product=book.product.code, step=book.step_code)
    row = next(row for row in week_rows(asked) if row.name == str(book.week))
    books = YieldBook.objects.filter(
        product=book.product, step_code=book.step_code, week=book.week, is_counted=True
    )
    assert row.lots == books.count()
    assert row.passed == sum(books.values_list("final_passed", flat=True))


def test_finance_does_not_see_yields(line: Line, as_role: AsRole) -> None:
    assert as_role("Finance").get("/yields").status_code == 403


def test_empty_line_says_so(db: None, as_role: AsRole) -> None:
    YieldBook.objects.all().delete()
    assert "No yield was counted" in shown(as_role, "/yields?weeks=13")


def figures_of(client: Client, where: str) -> dict[str, dict[str, str]]:
    """Name of the row → its columns, from the CSV of a page."""
    text = text_of(client, where.replace("/yields?", "/yields.csv?"))
    assert text.startswith(BYTE_ORDER_MARK)
    return {
        row["name"]: row for row in csv.DictReader(StringIO(text.removeprefix(BYTE_ORDER_MARK)))
    }


def test_interval_inside_a_lot_allows_for_wafers_that_differ(
    book: YieldBook, as_role: AsRole
) -> None:
    client, of_lot = as_role("Quality"), address(book, "product", "step", "week", "lot")
    rows = figures_of(client, f"{of_lot}&by=site")
    assert {row["method"] for row in rows.values()} == {"wilson-by-wafer-v1"}
    assert all(float(row["inflation"]) >= 1 for row in rows.values())
    lot = figures_of(client, address(book, "product", "step", "week"))[book.lot_step.lot.code]
    assert lot["method"] == "wilson-by-wafer-v1"


def test_wafers_of_a_lot_that_differ_widen_the_interval_of_its_parts(
    book: YieldBook, as_role: AsRole
) -> None:
    client, of_lot = as_role("Quality"), address(book, "product", "step", "week", "lot")
    before = figures_of(client, of_lot)
    wafers = YieldPart.objects.filter(lot_step=book.lot_step, slice="wafer").order_by("slice_key")
    for number, wafer in enumerate(wafers):
        wafer.first_passed = wafer.final_passed = wafer.tested * (number % 2)
        wafer.first_prime = wafer.final_prime = wafer.final_passed
        wafer.recovered = wafer.recovered_prime = wafer.retested = 0
        wafer.save()
    after = figures_of(client, of_lot)
    for zone in ("centre", "edge"):
        assert float(after[zone]["inflation"]) > 1.5 * float(before[zone]["inflation"])
        assert float(after[zone]["low"]) < float(before[zone]["low"])
