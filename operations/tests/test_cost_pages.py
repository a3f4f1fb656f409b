"""Standard costs: versions compared, a table looked at and imported, approved by another."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from finance.models import CostVersion
from finance.services import post_events
from finance.tests.line import wafer_lot
from operations.tests.looking import seen_at, seen_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
AsRole = Callable[[str], Client]
HERE = "/finance/costs"
IMPORT = f"{HERE}/import"
TABLE = "item,stage,unit_cost,yield_ratio\nTRN3-DIE,wafer,20000.125,\nTRN3,package,4600,0.9\n"
ASKED = {"code": "STD-X", "effective_on": "2027-01-01"}


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def looked_at(client: Client, table: str = TABLE, **more: str) -> tuple[int, str]:
    upload = SimpleUploadedFile("costs.csv", table.encode("utf-8"))
    answer = client.post(IMPORT, {**ASKED, **more, "upload": upload})
    return answer.status_code, unescape(answer.content.decode())


def imported(client: Client) -> CostVersion:
    answer = client.post(IMPORT, {**ASKED, "table": TABLE, "go": "import"})
    assert answer.status_code == 302
    return CostVersion.objects.get(code="STD-X")


def test_a_table_is_shown_with_what_it_changes_before_anything_is_kept(as_role: AsRole) -> None:
    client = as_role("Finance")
    status, text = looked_at(client)
    assert status == 200
    assert "2 costs, 0 rows at fault" in text
    assert "19,500.00" in text
    assert "20,000.125" in text
    assert "+2.56" in text
    assert not CostVersion.objects.filter(code="STD-X").exists()


def test_costs_of_a_supplier_are_shown_compared_and_told_as_they_are_imported(
    as_role: AsRole,
) -> None:
    client = as_role("Finance")
    head, rows = TABLE.split("\n", 1)
    table = f"{head},supplier\n" + rows.replace("\n", ",\n") + "TRN3-DIE,wafer,21000,,MRVL\n"
    status, text = looked_at(client, table)
    assert (status, "3 costs, 0 rows at fault" in text) == (200, True)
    assert '<td class="sc-code">MRVL</td>' in text
    answer = client.post(IMPORT, {**ASKED, "table": table, "go": "import"})
    assert answer.status_code == 302
    page = f"{HERE}/versions/STD-X"
    assert shown(client, page).count('<td class="sc-code">MRVL</td>') == 2
    kept = client.get(f"{page}/costs.csv").content.decode("utf-8-sig")
    assert "TRN3-DIE,wafer,21000.000000,,MRVL" in kept
    again = client.post(IMPORT, {**ASKED, "code": "STD-Y", "table": kept, "go": "import"})
    assert again.status_code == 302
    assert "No cost differs" in shown(client, f"{HERE}/versions/STD-Y?against=STD-X")


def test_what_was_shown_is_imported_and_approved_by_another(as_role: AsRole) -> None:
    client = as_role("Finance")
    version = imported(client)
    page = f"{HERE}/versions/STD-X"
    assert "1 version waits for approval" in shown(client, HERE)
    assert "a colleague has to approve it" in shown(client, f"{page}/approve")
    answer = client.post(f"{page}/approve")
    assert answer.status_code == 403
    assert "Ask a colleague" in answer.content.decode()
    bob = User.objects.create_user("bob")
    bob.groups.add(Group.objects.get(name="Finance"))
    client.force_login(bob)
    assert "20,000.125" in shown(client, f"{page}/approve")
    seen = seen_at(client, f"{page}/approve")
    version.costs.filter(stage__code="wafer").update(unit_cost=1)
    assert client.post(f"{page}/approve").status_code == 400
    stale = client.post(f"{page}/approve", seen)
    assert stale.status_code == 412
    assert "It changed since you looked at it" in stale.content.decode()
    assert "1.00" in stale.content.decode()
    assert client.post(f"{page}/approve", seen_in(stale.content.decode())).status_code == 302
    version.refresh_from_db()
    assert version.approved_by == bob
    assert client.post(f"{page}/approve").status_code == 422
    assert "waits for approval" not in shown(client, HERE)


def test_costs_that_a_version_leaves_out_are_told_before_it_counts(as_role: AsRole) -> None:
    client = as_role("Finance")
    _, text = looked_at(client)
    assert "of STD-2024 are not in it." in text
    imported(client)
    page = f"{HERE}/versions/STD-X"
    for address in (page, f"{page}/approve"):
        assert "of STD-2024 are not in it." in shown(client, address)
    assert "not in it" not in shown(client, f"{HERE}/versions/STD-2024?against=STD-X")


def test_a_draft_is_deleted_on_the_second_click(as_role: AsRole) -> None:
    client = as_role("Finance")
    page = f"{HERE}/versions/{imported(client).code}"
    asked, form = shown(client, page).split("<summary>Give it up…</summary>")
    assert "/give-up" not in asked
    assert "Delete it for good" in form


def test_two_versions_are_compared(as_role: AsRole) -> None:
    client = as_role("Finance")
    imported(client)
    text = shown(client, f"{HERE}/versions/STD-2024?against=STD-X")
    assert "What differs from STD-X" in text
    assert "new" in text
    assert client.get(f"{HERE}/versions/STD-2024?against=NONE").status_code == 404


def test_costs_as_csv_can_be_imported_again(as_role: AsRole) -> None:
    client = as_role("Finance")
    table = client.get(f"{HERE}/versions/STD-2024/costs.csv").content.decode("utf-8-sig")
    status, text = looked_at(client, table)
    assert status == 200
    assert "0 rows at fault, 0 differ from STD-2024" in text


def test_rows_at_fault_are_named_and_nothing_can_be_imported(as_role: AsRole) -> None:
    client = as_role("Finance")
    table = f"{TABLE}NONE,wafer,1,\n"
    status, text = looked_at(client, table)
    assert status == 200
    assert "Row 4: There is no product 'NONE'" in text
    assert "Import as STD-X" not in text
    answer = client.post(IMPORT, {**ASKED, "table": table, "go": "import"})
    assert answer.status_code == 422
    assert not CostVersion.objects.filter(code="STD-X").exists()


def test_what_is_no_table_is_said(as_role: AsRole) -> None:
    client = as_role("Finance")
    assert looked_at(client, "a,b\n1,2\n")[0] == 400
    assert "has no column" in looked_at(client, "a,b\n1,2\n")[1]
    assert "The table has no row" in looked_at(client, "item,stage,unit_cost\n")[1]
    assert "Enter a valid date" in looked_at(client, effective_on="soon")[1]
    assert "Choose a CSV file" in client.post(IMPORT, ASKED).content.decode()
    binary = SimpleUploadedFile("costs.csv", b"\xff\xfe\x00")
    assert "no UTF-8 text" in client.post(IMPORT, {**ASKED, "upload": binary}).content.decode()
    taken = client.post(IMPORT, {**ASKED, "code": "STD-2024", "table": TABLE, "go": "import"})
    assert taken.status_code == 409


def test_a_table_that_is_too_large_is_refused(
    as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.forms.costs.BYTES_MAX", 10)
    assert "larger than 10 bytes" in looked_at(as_role("Finance"))[1]


def test_an_auditor_looks_and_prepares_nothing(as_role: AsRole) -> None:
    client = as_role("Auditor")
    assert "STD-2024" in shown(client, HERE)
    assert "Import a table" not in shown(client, HERE)
    assert client.get(IMPORT).status_code == 403
    assert client.get(f"{HERE}/versions/STD-2024/approve").status_code == 403


def test_others_are_kept_out(as_role: AsRole) -> None:
    client = as_role("Quality")
    assert client.get(HERE).status_code == 403
    assert client.get(f"{HERE}/versions/STD-2024").status_code == 403


def test_a_draft_is_given_up_by_whoever_may_prepare(as_role: AsRole) -> None:
    client = as_role("Finance")
    page = f"{HERE}/versions/{imported(client).code}"
    assert "If nobody will approve it" in shown(client, page)
    other = as_role("Administrator")
    answer = other.post(f"{page}/give-up", follow=True)
    assert "STD-X is given up; nothing was posted by it." in unescape(answer.content.decode())
    assert not CostVersion.objects.filter(code="STD-X").exists()
    assert other.post(f"{page}/give-up").status_code == 404


def test_an_approved_version_is_not_given_up(as_role: AsRole) -> None:
    client = as_role("Finance")
    page = f"{HERE}/versions/STD-2024"
    assert "If nobody will approve it" not in shown(client, page)
    answer = client.post(f"{page}/give-up")
    assert answer.status_code == 422
    assert "STD-2024 is approved, and stays." in unescape(answer.content.decode())


def test_an_auditor_gives_nothing_up(as_role: AsRole) -> None:
    page = f"{HERE}/versions/{imported(as_role('Finance')).code}"
    auditor = as_role("Auditor")
    assert "If nobody will approve it" not in shown(auditor, page)
    assert auditor.post(f"{page}/give-up").status_code == 403
    assert CostVersion.objects.filter(code="STD-X").exists()


def test_who_approves_is_told_what_is_posted_at_other_costs(as_role: AsRole) -> None:
    client = as_role("Finance")
    version = imported(client)
    page = f"{HERE}/versions/STD-X/approve"
    assert "posted at costs that it changes" not in shown(client, page)
    CostVersion.objects.filter(pk=version.pk).update(effective_on="2026-01-01")
    wafer_lot("W1", 2, step="BUMP")
    post_events()
    assert "1 line of these days is posted at costs that it changes" in shown(client, page)
