"""Costs rolled up on a page: looked at, kept, tried otherwise, explained."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from finance.models import CostVersion, StandardCost
from finance.tests.test_rollup_service import CHIP, DIE, HEAD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
AsRole = Callable[[str], Client]
IMPORT = "/finance/costs/roll-up"
PAGE = "/finance/costs/versions/STD-R/roll-up"
TABLE = HEAD + DIE + CHIP
ASKED = {"code": "STD-R", "effective_on": "2027-01-01"}


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def kept(client: Client, table: str = TABLE, **more: str) -> None:
    answer = client.post(IMPORT, {**ASKED, **more, "table": table, "go": "import"})
    assert answer.status_code == 302


def test_a_table_is_rolled_up_and_shown_before_it_is_kept(as_role: AsRole) -> None:
    client = as_role("Finance")
    upload = SimpleUploadedFile("assumptions.csv", TABLE.encode())
    text = unescape(client.post(IMPORT, {**ASKED, "upload": upload}).content.decode())
    assert "9 assumptions with those of the bills, 0 rows at fault, 6 costs" in text
    assert "Keep as STD-R" in text
    assert not CostVersion.objects.filter(code="STD-R").exists()
    kept(client)
    text = shown(client, PAGE)
    assert "3,050.00" in text
    assert '"label": "TRN3 chip"' in text
    assert "26 x 33 mm" in text
    assert "Roll-up" in shown(client, "/finance/costs/versions/STD-R")


def test_what_cannot_be_rolled_up_names_its_line(as_role: AsRole) -> None:
    client = as_role("Finance")
    wrong = client.post(IMPORT, {**ASKED, "table": TABLE.replace(",0.5,", ",5,")})
    assert "Row 5: A yield must be more than 0" in unescape(wrong.content.decode())
    answer = client.post(IMPORT, {**ASKED, "table": HEAD + CHIP.partition("\n")[2]})
    assert answer.status_code == 422
    assert "TRN3-DIE has no price. Add a line for it." in unescape(answer.content.decode())


def test_another_value_is_tried_and_kept(as_role: AsRole) -> None:
    client = as_role("Finance")
    kept(client)
    text = shown(client, f"{PAGE}?line=5&value=1")
    assert "-350.00" in text
    assert "Keep it in STD-R" in text
    assert "No cost moves" in shown(client, f"{PAGE}?line=5&value=0.5")
    assert "There is no assumption on line 99" in shown(client, f"{PAGE}?line=99&value=1")
    assert "Enter a number" in shown(client, f"{PAGE}?line=5&value=much")
    assert "2,350.00" not in shown(client, PAGE)
    assert client.post(PAGE, {"line": 5, "value": "1"}).status_code == 302
    assert "2,350.00" in shown(client, PAGE)
    assert client.post(PAGE, {"line": 5, "value": "2"}).status_code == 422
    assert client.post(PAGE, {"line": 5, "value": "much"}).status_code == 400


def test_two_versions_are_explained(as_role: AsRole) -> None:
    client = as_role("Finance")
    kept(client)
    assert "there is nothing to explain" in shown(client, PAGE)
    kept(client, TABLE.replace(",0.5,", ",0.7,").replace("component,,,300", "component,,,310"),
         code="STD-S")  # fmt: skip
    text = shown(client, f"{PAGE}?against=STD-S")
    assert "yield for TRN3-DIE at good-die" in text
    assert "part-price for HBM3E-36 at component" in text
    assert "TRN3 at chip: 2,690.00 before, 3,050.00 after" in text
    assert "TRN3-DIE at good die" in shown(client, f"{PAGE}?against=STD-S&cost=TRN3-DIE good-die")
    kept(client, code="STD-T")
    assert "No cost differs" in shown(client, f"{PAGE}?against=STD-T")


def test_costs_of_a_supplier_are_drawn_tried_and_explained(as_role: AsRole) -> None:
    client = as_role("Finance")
    both = TABLE.replace(",TSMC,", ",,") + "purchase-price,TRN3-DIE,wafer,,MRVL,22500,offer\n"
    kept(client, both)
    text = shown(client, PAGE)
    assert '"label": "TRN3-DIE good-die MRVL"' in text
    assert "800.00" in text
    assert '<td class="sc-code">MRVL</td>' in shown(client, f"{PAGE}?line=9&value=22800")
    kept(client, both.replace("22500", "22800"), code="STD-S")
    asked = f"{PAGE}?against=STD-S&cost=TRN3-DIE good-die MRVL"
    assert "TRN3-DIE at good die of MRVL: 810.00 before, 800.00 after" in shown(client, asked)
    rows = StandardCost.objects.filter(version__code="STD-R", supplier__code="MRVL")
    rows.filter(stage__code="wafer").update(unit_cost=1)
    assert "TRN3-DIE at wafer of MRVL" in shown(client, PAGE)


def test_costs_changed_by_hand_are_told(as_role: AsRole) -> None:
    client = as_role("Finance")
    kept(client)
    StandardCost.objects.filter(version__code="STD-R", stage__code="chip").update(unit_cost=1)
    assert "It cannot be approved like that" in shown(client, PAGE)


def test_assumptions_as_csv_can_be_imported_again(as_role: AsRole) -> None:
    client = as_role("Finance")
    kept(client)
    table = client.get("/finance/costs/versions/STD-R/assumptions.csv").content.decode("utf-8-sig")
    kept(client, table, code="STD-S")
    assert "No cost differs" in shown(client, f"{PAGE}?against=STD-S")


def test_an_auditor_reads_and_changes_nothing(
    as_role: AsRole, person: Callable[[str], User]
) -> None:
    client = as_role("Finance")
    kept(client)
    client.force_login(person("Auditor"))
    text = shown(client, f"{PAGE}?line=5&value=1")
    assert "Only finance, who prepares STD-R, keeps it." in text
    assert client.get(IMPORT).status_code == 403
    assert client.post(PAGE, {"line": 5, "value": "1"}).status_code == 403
    assert "was not rolled up" in shown(client, "/finance/costs/versions/STD-2024/roll-up")
