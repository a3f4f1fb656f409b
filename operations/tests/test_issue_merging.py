"""Issues of one cause on their pages: merged, separated, due on a day, with files."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lots.domain.commands import HoldOrder
from lots.domain.words import HoldClass
from lots.models import Lot
from lots.services import hold_lot
from operations.tests.line import Line, command
from quality.models import Issue

pytestmark = pytest.mark.django_db

AsRole = Callable[[str], Client]


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_issues_are_merged_and_separated_on_their_pages(line: Line, as_role: AsRole) -> None:
    client = as_role("Quality")
    assert "An open one" in text_of(client, "/issues/Q-000002/merge")
    client.post("/issues/Q-000002/merge", {"into": " Q-000001 ", "reason": "one card"})
    assert Issue.objects.get(number="Q-000002").state == "merged"
    assert "Merged into this" in text_of(client, "/issues/Q-000001")
    text = text_of(client, "/issues/Q-000002")
    assert "Merged into" in text
    assert "/issues/Q-000002/separate" in text
    assert "/issues/Q-000002/reopen" not in text
    client.post("/issues/Q-000002/separate", {"reason": "two cards"})
    assert Issue.objects.get(number="Q-000002").state == "open"


def test_a_merge_into_nothing_says_so_on_the_form(line: Line, as_role: AsRole) -> None:
    answer = as_role("Quality").post("/issues/Q-000002/merge", {"into": "Q-9", "reason": "x"})
    assert answer.status_code == 404
    assert "There is no issue Q-9" in answer.content.decode()


def test_holds_of_the_merged_issue_are_decided_on_at_the_survivor(
    line: Line, as_role: AsRole
) -> None:
    client = as_role("Quality")
    order = HoldOrder(hold_class=HoldClass.QUALITY, reason="Q-000002: low")
    hold_lot(lot=Lot.objects.get(code="W7Q3"), order=order, command=command(0))
    assert "Lot <a" not in text_of(client, "/issues/Q-000001")
    client.post("/issues/Q-000002/merge", {"into": "Q-000001", "reason": "one card"})
    assert "W7Q3</a>, " in text_of(client, "/issues/Q-000001")


def test_an_issue_that_is_past_its_day_stands_in_the_queue_as_overdue(
    line: Line, as_role: AsRole
) -> None:
    client = as_role("Quality")
    assert "No issue fits" in text_of(client, "/issues?state=overdue")
    client.post("/issues/Q-000001/assign", {"owner": "", "due_on": "2026-03-01", "note": ""})
    client.post("/issues/Q-000001/take")
    text = text_of(client, "/issues?state=overdue")
    assert "Q-000001" in text
    assert "Overdue" in text
    assert "1 Mar 2026" in text_of(client, "/issues/Q-000001")


@pytest.mark.usefixtures("files_folder")
def test_a_file_is_attached_and_fetched(line: Line, as_role: AsRole) -> None:
    client = as_role("Operator")
    assert "No file yet" in text_of(client, "/issues/Q-000001")
    upload = SimpleUploadedFile("edge.txt", b"chipped")
    answer = client.post("/issues/Q-000001/files", {"upload": upload})
    assert answer["Location"] == "/issues/Q-000001"
    pk = Issue.objects.get(number="Q-000001").attachments.get().pk
    assert "edge.txt" in text_of(client, "/issues/Q-000001")
    sent = client.get(f"/issues/Q-000001/files/{pk}")
    assert b"".join(sent.streaming_content) == b"chipped"  # type: ignore[attr-defined]
    assert sent["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert as_role("Auditor").get(f"/issues/Q-000001/files/{pk}").status_code == 200


@pytest.mark.usefixtures("files_folder")
def test_a_file_is_withdrawn_with_a_reason_and_shown_struck_through(
    line: Line, as_role: AsRole
) -> None:
    author = as_role("Operator")
    upload = SimpleUploadedFile("edge.txt", b"chipped")
    author.post("/issues/Q-000001/files", {"upload": upload})
    pk = Issue.objects.get(number="Q-000001").attachments.get().pk
    address = f"/issues/Q-000001/files/{pk}/withdraw"
    assert address in text_of(author, "/issues/Q-000001")
    other = as_role("Test engineer")
    assert address not in text_of(other, "/issues/Q-000001")
    assert other.post(address, {"reason": "wrong"}).status_code == 403
    lead = as_role("Quality")
    assert "Withdraw edge.txt" in text_of(lead, address)
    assert lead.post(address, {"reason": ""}).status_code == 400
    assert lead.post(address, {"reason": "of another lot"})["Location"] == "/issues/Q-000001"
    text = text_of(lead, "/issues/Q-000001")
    assert "<s><a" in text
    assert "by quality: of another lot" in text
    assert address not in text
    assert lead.post(address, {"reason": "again"}).status_code == 409


def test_what_came_since_is_shown_to_who_may_see_yields(line: Line, as_role: AsRole) -> None:
    lead = as_role("Quality")
    lead.post("/issues/Q-000001/resolve", {"note": "new card"})
    assert "Effectiveness check" in text_of(lead, "/issues/Q-000001")
    assert "Effectiveness check" not in text_of(as_role("Finance"), "/issues/Q-000001")


@pytest.mark.usefixtures("files_folder")
def test_a_file_that_is_not_taken_says_why(line: Line, as_role: AsRole) -> None:
    client = as_role("Operator")
    answer = client.post("/issues/Q-000001/files", {"upload": SimpleUploadedFile("a.exe", b"MZ")})
    assert answer.status_code == 400
    assert "of no kind that is taken" in answer.content.decode()
    assert client.post("/issues/Q-000001/files", {}).status_code == 400
    assert "Attach a file" in text_of(client, "/issues/Q-000001/files")
    assert as_role("Auditor").post("/issues/Q-000001/files", {}).status_code == 403
