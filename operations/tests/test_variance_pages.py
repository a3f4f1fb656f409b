"""The variance explorer: by month and supplier, and the way to lines and lots."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from html import unescape
from io import StringIO

import pytest
from django.test import Client

from finance.services import post_events
from finance.tests.line import diced, moved, shipped, wafer_lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
AsRole = Callable[[str], Client]
HERE = "/finance/variances"


@pytest.fixture
def dice(reference: None) -> None:
    """One wafer of 64 dies, of which 60 are good where 32 are planned."""
    wafers = shipped(wafer_lot("W1", 1, step="WAT"), "OSAT1", "RCV")
    diced(moved(wafers, "BUMP", "CP1", "CP2", "DICE"), good=60)
    while post_events().events:
        pass


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.usefixtures("dice")
@pytest.mark.parametrize("role", ["Finance", "Auditor"])
def test_a_variance_leads_to_its_lines_and_lot(as_role: AsRole, role: str) -> None:
    client = as_role(role)
    text = shown(client, HERE)
    assert '"name": "yield-variance", "amounts": [' in text
    [link] = re.findall(r'href="(/finance/lines\?[^"]*kind=yield-variance[^"]*)"', text)
    lines = shown(client, link)
    assert "-19,250.00" in lines
    assert 'href="/lots/W1"' in lines
    assert "Also only kind yield-variance" in lines


@pytest.mark.usefixtures("dice")
def test_variances_are_narrowed(as_role: AsRole) -> None:
    client = as_role("Finance")
    assert "-19,250.00" in shown(client, f"{HERE}?supplier=OSAT1&from=2026-03&to=2026-03")
    assert "Nothing differed from standard" in shown(client, f"{HERE}?supplier=OSAT2")
    assert "Good die" in shown(client, f"{HERE}?account=conversion")
    assert client.get(f"{HERE}?account=inventory").status_code == 400
    [row] = csv.DictReader(StringIO(client.get(f"{HERE}.csv").content.decode("utf-8-sig")))
    assert (row["supplier"], row["amount"]) == ("OSAT1", "-19250.000000")


def test_books_without_a_variance_say_so(as_role: AsRole) -> None:
    assert "Nothing differed from standard" in shown(as_role("Finance"), HERE)


def test_an_operator_sees_no_variance(as_role: AsRole) -> None:
    assert as_role("Operator").get(HERE).status_code == 403
