"""Reconciliation, journals and assets: what an auditor asks for first."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from html import unescape
from io import StringIO

import pytest
from django.test import Client

from finance.models import LedgerEntry, LedgerRead
from finance.selectors.assets import asset_register
from finance.selectors.reconciling import reconciliation
from finance.services import post_events
from lots.domain.commands import Selection
from lots.domain.words import UnitState
from lots.models import Lot, Unit
from lots.services import move_lot, scrap_units
from operations.tests.line import Line, command, step

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
        csv.DictReader(
            StringIO(client.get("/finance/reconciliation.csv").content.decode("utf-8-sig"))
        )
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
    rows = list(
        csv.DictReader(StringIO(client.get("/finance/assets.csv").content.decode("utf-8-sig")))
    )
    assert [row["serial"] for row in rows] == [asset.serial for asset in found.assets]
    none = shown(client, "/finance/assets?lot=NOWHERE")
    assert "Nothing is under construction or in service here" in none


@pytest.mark.parametrize("address", PAGES)
def test_others_are_kept_out(as_role: AsRole, line: Line, address: str) -> None:
    assert as_role("Operator").get(address).status_code == 403


@pytest.fixture
def serving(line: Line) -> Line:
    """Two servers that were accepted."""
    for code in ["RACK", "LEAK", "RSOAK", "SHIP", "PLACE", "LOOP", "CLUSTER", "SSOAK", "ACCEPT"]:
        lot = Lot.objects.get(pk=line.server_lot.pk)
        move_lot(lot=lot, to_step=step("E", code), command=command(1))
    while post_events().events:
        pass
    return line


def test_assets_are_narrowed_to_a_state_and_told_as_of_a_line(
    serving: Line, as_role: AsRole
) -> None:
    client = as_role("Finance")
    assert "SRV4-0000" in shown(client, "/finance/assets?state=in-service")
    assert "Nothing was retired here" in shown(client, "/finance/assets?state=retired")
    assert "SRV4-0000" not in shown(client, "/finance/assets?state=under-construction")
    assert "Nothing is under construction" in shown(client, "/finance/assets?as_of_seq=0")
    last = LedgerEntry.objects.latest("seq").seq
    then = shown(client, f"/finance/assets?as_of_seq={last}")
    assert "By lot" in then
    assert "2 of the lot" in then
    for query in ("state=gone", "as_of_seq=x", "end_of=2026-13"):
        assert client.get(f"/finance/assets?{query}").status_code == 400


def test_a_retired_asset_is_listed_with_its_events(serving: Line, as_role: AsRole) -> None:
    (asset, _) = asset_register().assets
    event = scrap_units(
        lot=Lot.objects.get(code=asset.lot),
        selection=Selection(serials=(asset.serial,)),
        command=command(0.5, reason="end-of-life"),
    )
    post_events()
    client = as_role("Finance")
    text = shown(client, "/finance/assets?state=retired")
    assert f">{asset.serial}</a>" in text
    assert f"event={event.seq}" in text
    assert f"event={asset.accepted_seq}" in text
    rows = csv.DictReader(
        StringIO(client.get("/finance/assets.csv?state=retired").content.decode("utf-8-sig"))
    )
    assert [row["retired_seq"] for row in rows] == [str(event.seq)]
    life = shown(client, f"/finance/assets/{asset.serial}")
    assert "end-of-life" in life
    assert ">Retired</td>" in life


def test_the_life_of_an_asset_leads_to_its_events_and_lots(serving: Line, as_role: AsRole) -> None:
    client, (asset, _) = as_role("Auditor"), asset_register().assets
    text = shown(client, f"/finance/assets/{asset.serial}")
    assert f">{asset.lot}</a>" in text
    assert f"event={asset.accepted_seq}" in text
    assert ">Placed</td>" in text
    assert client.get("/finance/assets/NOBODY").status_code == 404
    assert as_role("Operator").get(f"/finance/assets/{asset.serial}").status_code == 403
