"""Plans of assets on the pages: looked at, imported, approved by another, and compared."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from html import unescape
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from finance.domain.days import plant_day
from finance.models import AssetPlan, LedgerRead
from operations.tests.looking import seen_at, seen_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
AsRole = Callable[[str], Client]
HERE = "/finance/asset-plan"
PLANS = f"{HERE}s"
IMPORT = f"{PLANS}/import"
TODAY = plant_day(timezone.now(), ZoneInfo("America/Los_Angeles"))
MONTH = f"{TODAY:%Y-%m}"
TABLE = f"item,month,quantity,unit_cost\nTRN3-SRV4,{MONTH},3,27000\nTRN3-US144,{MONTH},0,1100000\n"
ASKED = {"code": "PLAN-X", "effective_on": "2026-01-01"}


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return unescape(answer.content.decode())


def looked_at(client: Client, table: str = TABLE, **more: str) -> tuple[int, str]:
    upload = SimpleUploadedFile("plan.csv", table.encode())
    answer = client.post(IMPORT, {**ASKED, **more, "upload": upload})
    return answer.status_code, unescape(answer.content.decode())


def imported(client: Client) -> AssetPlan:
    answer = client.post(IMPORT, {**ASKED, "table": TABLE, "go": "import"})
    assert answer.status_code == 302
    return AssetPlan.objects.get(code="PLAN-X")


def approved(client: Client) -> Client:
    """Somebody else of Finance, who has approved what the client imported."""
    imported(client)
    other = Client()
    bob = User.objects.create_user("bob")
    bob.groups.add(Group.objects.get(name="Finance"))
    other.force_login(bob)
    page = f"{PLANS}/versions/PLAN-X"
    assert other.post(f"{page}/approve", seen_at(other, page)).status_code == 302
    return other


def test_without_a_plan_the_page_says_what_to_do(as_role: AsRole) -> None:
    text = shown(as_role("Finance"), HERE)
    assert "No plan of assets is in force" in text
    assert f'href="{IMPORT}"' in text
    auditor = as_role("Auditor")
    assert f'href="{IMPORT}"' not in shown(auditor, HERE)
    assert "There is no plan of assets" in shown(auditor, PLANS)


def test_a_table_is_shown_before_anything_is_kept(as_role: AsRole) -> None:
    status, text = looked_at(as_role("Finance"))
    assert status == 200
    assert "2 lines, 0 rows at fault, 2 differ from nothing" in text
    assert "27,000.00" in text
    assert not AssetPlan.objects.exists()


def test_what_was_imported_is_approved_by_another(as_role: AsRole) -> None:
    client = as_role("Finance")
    plan, page = imported(client), f"{PLANS}/versions/PLAN-X"
    assert "a colleague has to approve it" in shown(client, page)
    refused = client.post(f"{page}/approve")
    assert refused.status_code == 403
    assert "Ask a colleague" in refused.content.decode()
    assert "Draft" in shown(client, f"{HERE}?plan=PLAN-X")
    bob = User.objects.create_user("bob")
    bob.groups.add(Group.objects.get(name="Finance"))
    client.force_login(bob)
    seen = seen_in(shown(client, page))
    plan.lines.filter(month__code=MONTH).update(quantity=7)
    stale = client.post(f"{page}/approve", seen)
    assert stale.status_code == 412
    assert client.post(f"{page}/approve", seen_in(stale.content.decode())).status_code == 302
    plan.refresh_from_db()
    assert plan.approved_by == bob
    assert client.post(f"{page}/approve").status_code == 422
    assert client.get(f"{page}/approve").status_code == 405
    assert "In force" in shown(client, PLANS)


def test_the_plan_in_force_is_compared_drawn_and_taken_away(as_role: AsRole) -> None:
    client = approved(as_role("Finance"))
    text = shown(client, HERE)
    assert "Assets against the plan: PLAN-X" in text
    assert '<path class="sc-plan-line"' in text
    (link,) = re.findall(r'href="(\?[^"]*)">Link to these very figures', text)
    assert f"as_of_date={TODAY}" in link
    assert "facts up to" in shown(client, f"{HERE}{link}")
    assert "A megawatt" in text
    rows = list(csv.DictReader(StringIO(client.get(f"{HERE}.csv").content.decode("utf-8-sig"))))
    assert [(row["item"], row["quantity_planned"], row["quantity_actual"]) for row in rows] == [
        ("TRN3-SRV4", "3", "0"), ("TRN3-US144", "0", "0"),
    ]  # fmt: skip
    assert LedgerRead.objects.latest("id").query.startswith("page asset-plan")
    status, again = looked_at(client, code="PLAN-Y", effective_on="2026-02-01")
    assert (status, "0 differ from PLAN-X" in again) == (200, True)


def test_lines_as_csv_can_be_imported_again(as_role: AsRole) -> None:
    client = as_role("Finance")
    imported(client)
    table = client.get(f"{PLANS}/versions/PLAN-X/lines.csv").content.decode("utf-8-sig")
    status, text = looked_at(client, table, code="PLAN-Y")
    assert (status, "2 lines, 0 rows at fault" in text) == (200, True)


def test_no_plan_is_an_empty_file(as_role: AsRole) -> None:
    text = as_role("Finance").get(f"{HERE}.csv").content.decode("utf-8-sig")
    assert text.startswith("plan,item,month,quantity_planned")
    assert len(text.splitlines()) == 1


def test_rows_at_fault_are_named_and_nothing_is_imported(as_role: AsRole) -> None:
    client, table = as_role("Finance"), f"{TABLE}NONE,{MONTH},1,1\n"
    status, text = looked_at(client, table)
    assert (status, "Row 4: There is no product 'NONE'" in text) == (200, True)
    answer = client.post(IMPORT, {**ASKED, "table": table, "go": "import"})
    assert answer.status_code == 422
    assert not AssetPlan.objects.exists()


def test_what_is_no_table_is_said(as_role: AsRole) -> None:
    client = as_role("Finance")
    assert "has no column" in looked_at(client, "a,b\n1,2\n")[1]
    assert "The table has no row" in looked_at(client, "item,month,quantity,unit_cost\n")[1]
    assert "Enter a valid date" in looked_at(client, effective_on="soon")[1]
    assert "Choose a CSV file" in client.post(IMPORT, ASKED).content.decode()
    imported(client)
    taken = client.post(IMPORT, {**ASKED, "table": TABLE, "go": "import"})
    assert taken.status_code == 409


@pytest.mark.parametrize("query", ["plan=NONE", "as_of_seq=9999999", "end_of=2026-13"])
def test_what_cannot_be_asked_is_said(as_role: AsRole, query: str) -> None:
    assert as_role("Finance").get(f"{HERE}?{query}").status_code in {400, 404}


def test_an_auditor_looks_and_prepares_nothing(as_role: AsRole) -> None:
    approved(as_role("Finance"))
    client = as_role("Auditor")
    assert "PLAN-X" in shown(client, HERE)
    assert "Import a plan" not in shown(client, PLANS)
    assert client.get(IMPORT).status_code == 403
    assert client.post(f"{PLANS}/versions/PLAN-X/approve").status_code == 403


def test_others_are_kept_out(as_role: AsRole) -> None:
    client = as_role("Quality")
    for address in (HERE, f"{HERE}.csv", PLANS, IMPORT):
        assert client.get(address).status_code == 403


def test_a_plan_is_given_up_until_it_is_approved(as_role: AsRole) -> None:
    client = as_role("Finance")
    page = f"{PLANS}/versions/{imported(client).code}"
    assert "If nobody will approve it" in shown(client, page)
    assert client.post(f"{page}/give-up").headers["Location"] == PLANS
    assert not AssetPlan.objects.exists()
    approved(client)
    assert client.post(f"{page}/give-up").status_code == 422
