"""Reconciliation, journals and assets: what an auditor asks for first."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from html import unescape
from io import StringIO

import pytest
from django.test import Client

from finance.models import LedgerRead
from finance.selectors.assets import asset_register
from finance.selectors.reconciling import reconciliation
from finance.services import post_events
from lots.domain.words import UnitState
from lots.models import Unit
from operations.tests.line import Line

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]
PAGES = ("/finance/reconciliation", "/finance/journal", "/finance/assets")


@pytest.fixture
def posted(line: Line) -> Line:
    while post_events().events:
        pass
    return line


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return unescape(answer.content.decode())


def test_a_whole_floor_comes_out(posted: Line, as_role: AsRole) -> None:
    client = as_role("Finance")
    text = shown(client, "/finance/reconciliation")
    assert "Books = events = what is there" in text
    assert "No lot differs." in text
    rows = list(
        csv.DictReader(StringIO(client.get("/finance/reconciliation.csv").content.decode()))
    )
    assert {row["is_proven"] for row in rows} == {"true"}
    assert len(rows) == len(reconciliation().stocks)


def test_a_lot_of_which_a_serial_is_gone_is_named(posted: Line, as_role: AsRole) -> None:
    unit = Unit.objects.filter(
        lot__isnull=False, state=UnitState.GOOD, parent_edges__isnull=True
    ).select_related("lot")[0]
    Unit.objects.filter(pk=unit.pk).update(state=UnitState.REJECT)
    assert unit.lot is not None
    text = shown(as_role("Auditor"), "/finance/reconciliation")
    assert "Does not come out" in text
    assert f">{unit.lot.code}</a>" in text
    assert ">Miscounted</td>" in text


def test_what_waits_to_be_posted_is_told_but_no_fault(line: Line, as_role: AsRole) -> None:
    text = shown(as_role("Finance"), "/finance/reconciliation")
    assert "Books = events = what is there" in text
    assert "No lot differs." not in text


def test_a_journal_is_looked_at_before_it_is_booked(posted: Line, as_role: AsRole) -> None:
    client = as_role("Finance")
    text = shown(client, "/finance/journal")
    assert "Draft, not to be booked" in text
    assert "Debits and credits are" in text
    (address,) = re.findall(r'href="(/api/v1/finance/journals/[^"]*format=sap[^"]*)"', text)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content.startswith(b"BUKRS,")
    assert LedgerRead.objects.latest("id").media_type == "sap"


def test_a_month_without_entries_has_no_journal(posted: Line, as_role: AsRole) -> None:
    text = shown(as_role("Finance"), "/finance/journal?period=2024-01")
    assert "there is nothing to book" in text


def test_assets_are_listed_by_serial_and_taken_away(posted: Line, as_role: AsRole) -> None:
    client, found = as_role("Finance"), asset_register()
    text = shown(client, "/finance/assets")
    for asset in found.assets:
        assert asset.serial in text
    rows = list(csv.DictReader(StringIO(client.get("/finance/assets.csv").content.decode())))
    assert [row["serial"] for row in rows] == [asset.serial for asset in found.assets]
    none = shown(client, "/finance/assets?lot=NOWHERE")
    assert "Nothing is under construction or in service here" in none


@pytest.mark.parametrize("address", PAGES)
def test_others_are_kept_out(as_role: AsRole, line: Line, address: str) -> None:
    assert as_role("Operator").get(address).status_code == 403
