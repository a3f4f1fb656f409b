"""Files of issues: what is taken, what is refused, and how they are sent."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from quality.domain.attachments import (
    BYTES_MAX,
    NAME_CHARACTERS_MAX,
    AttachmentKind,
    attachment_kind,
    harmless_name,
)
from quality.models import AttachmentWithdrawal, IssueAttachment
from quality.services import attach_file, attaching, merge_issue, withdraw_file
from quality.tests.building import person, raised
from quality.tests.test_api import user_with
from supplychain.base.errors import (
    ConflictError,
    ForbiddenError,
    MalformedError,
    RefusedError,
    TooLargeError,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.png", PNG, AttachmentKind.PNG),
        ("a.JPEG", b"\xff\xd8\xff\xe0", AttachmentKind.JPG),
        ("8d.pdf", b"%PDF-1.7", AttachmentKind.PDF),
        ("a.log", "5 µm".encode(), AttachmentKind.TXT),
        ("a.csv", "x,é".encode()[:-1], AttachmentKind.CSV),
        ("a.xlsx", b"PK\x03\x04", AttachmentKind.XLSX),
    ],
)
def test_a_kind_is_told_by_name_and_bytes(name: str, head: bytes, kind: AttachmentKind) -> None:
    assert attachment_kind(name, head) is kind


@pytest.mark.parametrize(
    ("name", "head", "why"),
    [
        ("a.exe", b"MZ", "of no kind that is taken"),
        ("page.html", b"<script>", "of no kind that is taken"),
        ("noending", b"x", "of no kind that is taken"),
        ("a.png", b"<svg", "its bytes are no png"),
        ("a.txt", b"a\0b", "its bytes are no txt"),
        ("a.csv", b"\xff\xfe\x00", "its bytes are no csv"),
        ("a.pdf", b"", "is empty"),
    ],
)
def test_what_is_not_taken_is_refused(name: str, head: bytes, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        attachment_kind(name, head)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C:\\lab\\x ray.png", "x ray.png"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("a\r\nb.txt", "ab.txt"),
        ("", "unnamed"),
        ("x" * 200 + ".pdf", "x" * (NAME_CHARACTERS_MAX - 4) + ".pdf"),
    ],
)
def test_a_name_is_made_harmless(name: str, kept: str) -> None:
    assert harmless_name(name) == kept


@pytest.mark.usefixtures("rules", "files_folder")
def test_a_file_is_kept_with_who_and_its_hash() -> None:
    issue, actor = raised(), person()
    row = attach_file(issue=issue, stream=BytesIO(PNG), name="edge.png", actor=actor)
    assert (row.name, row.kind, row.size, row.added_by) == ("edge.png", "png", len(PNG), actor)
    event = issue.events.latest("pk")
    assert event.kind == "attached"
    assert row.sha256 in event.note


@pytest.mark.usefixtures("rules", "files_folder")
def test_the_same_bytes_are_taken_once_by_an_issue() -> None:
    issue, actor = raised(), person()
    attach_file(issue=issue, stream=BytesIO(PNG), name="a.png", actor=actor)
    with pytest.raises(ConflictError, match=r"already, as a\.png"):
        attach_file(issue=issue, stream=BytesIO(PNG), name="b.png", actor=actor)
    attach_file(issue=raised("other"), stream=BytesIO(PNG), name="b.png", actor=actor)


@pytest.mark.usefixtures("rules", "files_folder")
def test_size_and_number_of_files_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    issue, actor = raised(), person()
    with pytest.raises(TooLargeError):
        attach_file(issue=issue, stream=BytesIO(b"x" * (BYTES_MAX + 1)), name="a.txt", actor=actor)
    monkeypatch.setattr(attaching, "PER_ISSUE_MAX", 1)
    attach_file(issue=issue, stream=BytesIO(b"one"), name="a.txt", actor=actor)
    with pytest.raises(RefusedError, match="has 1 files"):
        attach_file(issue=issue, stream=BytesIO(b"two"), name="b.txt", actor=actor)


@pytest.mark.usefixtures("rules", "files_folder")
def test_a_file_is_never_changed_or_deleted() -> None:
    row = attach_file(issue=raised(), stream=BytesIO(PNG), name="a.png", actor=person())
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        row.delete()
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        IssueAttachment.objects.update(name="b.png")


@pytest.fixture
def attached(rules: None, files_folder: object) -> IssueAttachment:
    """A file of an issue, attached by ann."""
    return attach_file(issue=raised(), stream=BytesIO(PNG), name="a.png", actor=person("ann"))


def test_who_attached_a_file_withdraws_it_and_it_stays(attached: IssueAttachment) -> None:
    withdraw_file(attachment=attached, actor=attached.added_by, reason=" of another lot ")
    row = IssueAttachment.objects.get()
    assert (row.withdrawal.reason, row.withdrawal.withdrawn_by) == ("of another lot", row.added_by)
    event = row.issue.events.latest("pk")
    assert (event.kind, event.state_to) == ("file-withdrawn", "open")
    assert event.note == f"a.png, SHA-256 {row.sha256}. of another lot"


def test_a_file_of_others_is_withdrawn_by_a_lead_alone(attached: IssueAttachment) -> None:
    with pytest.raises(ForbiddenError, match=r"attached by ann\. They or a lead of quality"):
        withdraw_file(attachment=attached, actor=person("ben"), reason="wrong")
    withdraw_file(attachment=attached, actor=user_with("unattach_issue"), reason="wrong")
    assert AttachmentWithdrawal.objects.get().attachment == attached


def test_a_withdrawal_needs_the_right_to_attach_and_says_so(attached: IssueAttachment) -> None:
    where = f"/api/v1/issues/{attached.issue.number}/attachments/{attached.pk}/withdrawal"
    api = APIClient()
    api.force_login(user_with("view_issueattachment", "unattach_issue", name="lead"))
    assert api.post(where, {"reason": "wrong"}, format="json").status_code == 403
    api.force_login(user_with("attach_issue", name="cid"))
    answer = api.post(where, {"reason": "wrong"}, format="json")
    assert answer.status_code == 403
    assert "quality.unattach_issue beside quality.attach_issue" in answer.json()["detail"]


def test_a_file_is_withdrawn_once_and_for_a_reason(attached: IssueAttachment) -> None:
    with pytest.raises(MalformedError, match="reason is empty"):
        withdraw_file(attachment=attached, actor=attached.added_by, reason=" ")
    withdraw_file(attachment=attached, actor=attached.added_by, reason="wrong")
    with pytest.raises(ConflictError, match="withdrawn already"):
        withdraw_file(attachment=attached, actor=attached.added_by, reason="wrong")
    with pytest.raises(ConflictError, match="already, as a"):
        attach_file(
            issue=attached.issue, stream=BytesIO(PNG), name="b.png", actor=attached.added_by
        )


def test_a_withdrawal_is_never_changed_or_deleted(attached: IssueAttachment) -> None:
    row = withdraw_file(attachment=attached, actor=attached.added_by, reason="wrong")
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        row.delete()
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        AttachmentWithdrawal.objects.update(reason="right")


def test_the_api_withdraws_a_file_and_still_sends_it(attached: IssueAttachment) -> None:
    lead = APIClient()
    rights = ("view_issueattachment", "attach_issue", "unattach_issue")
    lead.force_login(user_with(*rights, name="lead"))
    address = f"/api/v1/issues/{attached.issue.number}/attachments"
    (before,) = lead.get(address).json()
    assert (before["withdrawn_by"], before["withdrawn_because"]) == (None, None)
    where = f"{address}/{attached.pk}/withdrawal"
    answer = lead.post(where, {"reason": "of another lot"}, format="json")
    assert (answer.status_code, answer.json()["withdrawn_by"]) == (201, "lead")
    assert lead.post(where, {"reason": "again"}, format="json").status_code == 409
    (after,) = lead.get(address).json()
    assert after["withdrawn_because"] == "of another lot"
    assert lead.get(f"{address}/{attached.pk}").status_code == 200


@pytest.mark.usefixtures("rules", "files_folder")
def test_the_api_takes_lists_and_sends_files() -> None:
    quality_api = APIClient()
    rights = ("view_issueattachment", "attach_issue")
    quality_api.force_login(user_with(*rights, name="lab"))
    issue, other = raised(), raised("other")
    address = f"/api/v1/issues/{issue.number}/attachments"
    upload = SimpleUploadedFile("x ray.png", PNG)
    made = quality_api.post(address, {"file": upload}, format="multipart")
    assert made.status_code == 201
    merge_issue(issue=issue, into=other, actor=person("merger"), reason="one")
    listed = quality_api.get(f"/api/v1/issues/{other.number}/attachments").json()
    assert [(one["issue"], one["name"]) for one in listed] == [(issue.number, "x ray.png")]
    sent = quality_api.get(f"{address}/{made.json()['id']}")
    assert b"".join(sent.streaming_content) == PNG  # type: ignore[attr-defined]
    assert sent["Content-Disposition"] == 'attachment; filename="x ray.png"'
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in sent["Content-Security-Policy"]
    assert quality_api.get(f"{address}/999").status_code == 404
    assert quality_api.post(address, {}, format="multipart").status_code == 400
