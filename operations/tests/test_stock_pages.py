"""Inventory, roll-forward, and the way from a figure to its lines, event and lot."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from html import unescape
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finance.domain.words import CARRYING
from finance.models import LedgerEntry, LedgerRead
from finance.selectors.balances import balances, rollforward
from finance.selectors.calendar import last_period_with_lines
from finance.selectors.custody import custody
from finance.selectors.ledger import watermark
from finance.services import post_events
from operations.templatetags.books import money, unit_cost
from operations.tests.line import Line

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
PAGES = ("/finance", "/finance/rollforward", "/finance/lines")


@pytest.fixture
def posted(line: Line) -> Line:
    while post_events().events:
        pass
    return line


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    content = client.get(address).content
    assert content.startswith(b"\xef\xbb\xbf"), "or Excel garbles what is not ASCII"
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def links(text: str, start: str) -> Iterator[str]:
    return (unescape(found) for found in re.findall(rf'href="({re.escape(start)}[^"]*)"', text))


def test_inventory_shows_every_bucket_and_sums_to_the_cent(posted: Line, as_role: AsRole) -> None:
    text = shown(as_role("Finance"), "/finance")
    assert "Where the money sits" in text
    for row in balances(watermark(None).seq):
        if row.bucket.account == "inventory":
            assert f"{row.amount:,.2f}" in text
            assert row.bucket.custodian in text


def test_inventory_as_csv_is_the_balances_of_what_is_carried(posted: Line, as_role: AsRole) -> None:
    client = as_role("Auditor")
    rows = rows_of(client, "/finance/inventory.csv")
    seq = watermark(None).seq
    held = Counter(
        (row.bucket.account, row.bucket.item, row.amount)
        for row in balances(seq)
        if row.bucket.account in CARRYING
    )
    assert held
    assert Counter((row["account"], row["item"], Decimal(row["amount"])) for row in rows) == held
    read = LedgerRead.objects.get()
    assert (read.as_of_seq, read.row_count, read.is_whole) == (seq, len(rows), True)


def test_every_figure_of_the_picture_leads_to_lines_of_the_same_sum(
    posted: Line, as_role: AsRole
) -> None:
    client = as_role("Finance")
    for row in rows_of(client, "/finance/inventory.csv"):
        asked = {name: row[name] for name in ("account", "stage", "item", "custodian", "owner")}
        asked["stage"] = asked["stage"] or "-"
        answer = client.get("/finance/lines", {**asked, "as_of_seq": row["as_of_seq"]})
        total = f"{Decimal(row['amount']):,.2f}</td></tr></tbody>"
        assert f'<td class="sc-number">{total}' in answer.content.decode()


def test_a_narrowed_inventory_holds_only_what_fits(posted: Line, as_role: AsRole) -> None:
    client = as_role("Finance")
    custodian = rows_of(client, "/finance/inventory.csv")[0]["custodian"]
    rows = rows_of(client, f"/finance/inventory.csv?custodian={custodian}")
    assert {row["custodian"] for row in rows} == {custodian}
    assert "Nothing is held here that fits" in shown(client, "/finance?item=NONE")


def test_an_early_line_and_an_early_day_show_what_was_there(posted: Line, as_role: AsRole) -> None:
    client = as_role("Finance")
    assert "Nothing was posted up to here" in shown(client, "/finance?as_of_seq=0")
    assert "Nothing was posted up to here" in shown(client, "/finance?end_of=2024-01")


def test_every_cell_of_the_roll_forward_is_the_sum_of_its_lines(
    posted: Line, as_role: AsRole
) -> None:
    client, seq = as_role("Finance"), watermark(None).seq
    code = LedgerEntry.objects.order_by("-period__starts_on").values_list(
        "period__code", flat=True
    )[0]
    text = shown(client, f"/finance/rollforward?period={code}")
    assert "Every check is zero" in text
    row = max(rollforward(code, seq), key=lambda row: row.amount.incoming)
    sides = {
        "opening": row.amount.opening, "in": row.amount.incoming, "out": row.amount.outgoing,
        "closing": row.amount.closing,
    }  # fmt: skip
    bucket = row.bucket
    for side, amount in sides.items():
        asked: dict[str, str] = {
            "account": bucket.account, "stage": bucket.stage or "-", "item": bucket.item,
            "custodian": bucket.custodian, "owner": bucket.owner, "period": code, "side": side,
            "unit_of_measure": bucket.unit_of_measure,
        }  # fmt: skip
        page = client.get("/finance/lines", asked).content.decode()
        if amount:
            assert f'<td class="sc-number">{amount:,.2f}</td></tr></tbody>' in page, side


def test_the_roll_forward_as_csv_has_checks_of_zero(posted: Line, as_role: AsRole) -> None:
    rows = rows_of(as_role("Auditor"), "/finance/rollforward.csv")
    assert rows
    assert {Decimal(row["amount_check"]) for row in rows} == {Decimal(0)}
    assert {Decimal(row["quantity_check"]) for row in rows} == {Decimal(0)}


def test_the_link_to_the_very_figures_of_a_roll_forward_names_its_period(
    posted: Line, as_role: AsRole
) -> None:
    seq = watermark(None).seq
    address = next(links(shown(as_role("Finance"), "/finance/rollforward"), "?"))
    assert address == f"?period={last_period_with_lines(seq)}&as_of_seq={seq}"
    assert last_period_with_lines(0) == ""


def test_units_are_whole_numbers(posted: Line, as_role: AsRole) -> None:
    client = as_role("Finance")
    text = shown(client, "/finance/rollforward?by=units&account=inventory")
    cells = re.findall(r'side=closing[^"]*">([^<]*)<', text)
    assert cells
    assert all(re.fullmatch(r"-?[\d,]+", cell) for cell in cells)


def test_from_a_line_to_its_transaction_event_and_lot_and_back(
    posted: Line, as_role: AsRole
) -> None:
    client = as_role("Finance")
    code = posted.wafer_lot.code
    lines = next(links(shown(client, f"/lots/{code}"), "/finance/lines"))
    transaction = next(links(shown(client, lines), "/finance/transactions/"))
    text = shown(client, transaction)
    assert f'href="/lots/{code}"' in text
    event = next(links(text, "/finance/lines?event="))
    assert code in shown(client, event)


def test_lines_as_csv_are_the_columns_of_every_export(posted: Line, as_role: AsRole) -> None:
    client = as_role("Finance")
    code = posted.wafer_lot.code
    rows = rows_of(client, f"/finance/lines.csv?lot={code}")
    assert [row["sha256"] for row in rows] == list(
        LedgerEntry.objects.filter(lot__code=code).values_list("sha256", flat=True)
    )


def test_negative_numbers_of_lines_as_csv_are_numbers(posted: Line, as_role: AsRole) -> None:
    rows = rows_of(as_role("Finance"), "/finance/lines.csv")
    entries = LedgerEntry.objects.order_by("seq")
    assert entries.filter(quantity__lt=0).exists()
    assert [row["quantity"] for row in rows] == [str(one.quantity) for one in entries]
    assert [row["amount"] for row in rows] == [f"{one.amount:.6f}" for one in entries]


def test_the_amounts_of_a_transaction_as_csv_are_numbers_that_come_to_nothing(
    posted: Line, as_role: AsRole
) -> None:
    event = LedgerEntry.objects.earliest("seq").source_seq
    rows = rows_of(as_role("Finance"), f"/finance/lines.csv?event={event}")
    assert rows
    assert sum(Decimal(row["amount"]) for row in rows) == 0


def test_a_statement_tells_a_custodian_every_lot_and_no_money(
    posted: Line, as_role: AsRole
) -> None:
    client = as_role("Auditor")
    assert "Choose a custodian" in shown(client, "/finance/custody")
    stock = rows_of(client, "/finance/inventory.csv")
    code = stock[0]["custodian"]
    rows = rows_of(client, f"/finance/custody.csv?custodian={code}")
    held = Counter[str]()
    for row in rows:
        held[row["item"]] += int(row["quantity"])
    wanted = Counter[str]()
    for row in stock:
        wanted[row["item"]] += int(row["quantity"]) if row["custodian"] == code else 0
    assert held == +wanted
    text = shown(client, f"/finance/custody?custodian={code}")
    assert all(row["lot"] in text for row in rows)
    assert "Signature" in text
    assert ".00" not in text.partition("By item")[2]
    assert "They held nothing" in shown(client, f"/finance/custody?custodian={code}&as_of_seq=0")


def test_a_statement_that_is_cut_off_has_no_place_to_sign(
    posted: Line, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.views.custody.ROWS_SHOWN", 1)
    client, seq = as_role("Auditor"), watermark(None).seq
    codes = {row["custodian"] for row in rows_of(client, "/finance/inventory.csv")}
    code = next(one for one in sorted(codes) if len(custody(one, seq, None)) > 1)
    text = shown(client, f"/finance/custody?custodian={code}")
    assert "Signature" not in text
    assert "is not to be signed" in text


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/finance?as_of_seq=x", 400, "as_of_seq must be a whole number"),
        ("/finance?as_of_seq=99999999", 404, "beyond it"),
        ("/finance?end_of=March", 400, "a month such as"),
        ("/finance?end_of=1999-01", 404, "There is no period"),
        ("/finance/rollforward?period=1999-01", 404, "There is no period"),
        ("/finance/lines?side=up", 400, "side is one of"),
        ("/finance/lines?period=1999-01", 404, "There is no period"),
        ("/finance/custody?custodian=NONE", 404, "There is no custodian"),
        ("/finance/custody.csv", 404, "There is no custodian"),
        ("/finance/lines?event=0", 400, "event must be a whole number"),
        ("/finance/transactions/999999999999999999999", 404, "There is no transaction"),
    ],
)
def test_a_wrong_address_says_what_is_wrong(
    line: Line, as_role: AsRole, address: str, status: int, words: str
) -> None:
    answer = as_role("Finance").get(address)
    assert answer.status_code == status
    assert words in unescape(answer.content.decode())


def test_lines_that_nothing_narrows_are_summed_only_when_asked(
    posted: Line, as_role: AsRole
) -> None:
    client, sums = as_role("Finance"), "Sums of the lines"
    with CaptureQueriesContext(connection) as queries:
        text = shown(client, "/finance/lines")
    assert sums not in text
    assert not [one for one in queries if "SUM(" in one["sql"] or "COUNT(" in one["sql"]]
    assert sums in shown(client, f"/finance/lines{next(links(text, '?sums=1'))}")
    assert sums in shown(client, "/finance/lines?account=supplier")
    assert sums not in shown(client, "/finance/lines?account=supplier&after=1")


def test_nothing_posted_is_said(line: Line, as_role: AsRole) -> None:
    client = as_role("Finance")
    assert "Nothing was posted up to here" in shown(client, "/finance")
    assert "Nothing was held or moved" in shown(client, "/finance/rollforward")
    assert "No line fits" in shown(client, "/finance/lines")


@pytest.mark.parametrize("role", ["Operator", "Test engineer", "Quality"])
def test_others_are_kept_out(line: Line, as_role: AsRole, role: str) -> None:
    client = as_role(role)
    for address in (*PAGES, "/finance/inventory.csv", "/finance/lines.csv", "/finance/custody"):
        assert client.get(address).status_code == 403
    assert "/finance/lines" not in shown(client, f"/lots/{line.wafer_lot.code}")


def test_money_is_written_to_the_cent_and_never_hides_a_rest() -> None:
    written = [money(Decimal(one)) for one in ("1234.5", "0", "-0.004", "-2.005", "0.125")]
    assert written == ["1,234.50", "0.00", "-0.004000", "-2.00", "0.12"]
    assert money(None) == unit_cost(None) == "—"
    assert [unit_cost(Decimal(one)) for one in ("1200", "0.000125")] == ["1,200.00", "0.000125"]
