"""What may be attached to an issue: kinds told by their first bytes, names made harmless."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supplychain.base.errors import MalformedError

NAME_CHARACTERS_MAX = 120
BYTES_MAX = 20 << 20
PER_ISSUE_MAX = 50
HEAD_BYTES = 4096


class AttachmentKind(StrEnum):
    """Kinds that are taken, by the ending of the name."""

    PNG = "png"
    JPG = "jpg"
    PDF = "pdf"
    TXT = "txt"
    CSV = "csv"
    XLSX = "xlsx"
    DOCX = "docx"
    PPTX = "pptx"


@dataclass(frozen=True, slots=True)
class Form:
    """media_type: what it is sent as. starts: how its bytes begin; none for text."""

    media_type: str
    starts: bytes = b""


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMS = {
    AttachmentKind.PNG: Form("image/png", b"\x89PNG\r\n\x1a\n"),
    AttachmentKind.JPG: Form("image/jpeg", b"\xff\xd8\xff"),
    AttachmentKind.PDF: Form("application/pdf", b"%PDF-"),
    AttachmentKind.TXT: Form("text/plain; charset=utf-8"),
    AttachmentKind.CSV: Form("text/csv; charset=utf-8"),
    AttachmentKind.XLSX: Form(f"{_OFFICE}.spreadsheetml.sheet", b"PK\x03\x04"),
    AttachmentKind.DOCX: Form(f"{_OFFICE}.wordprocessingml.document", b"PK\x03\x04"),
    AttachmentKind.PPTX: Form(f"{_OFFICE}.presentationml.presentation", b"PK\x03\x04"),
}
ALIKE = {"jpeg": "jpg", "log": "txt"}


def attachment_kind(name: str, head: bytes) -> AttachmentKind:
    """Of a file of this name that begins with these bytes.

    MalformedError for an ending that is not taken, bytes of another kind, and no bytes at all.
    """
    ending = name.rpartition(".")[2].lower()
    word = ALIKE.get(ending, ending)
    if word not in set(AttachmentKind):
        known = ", ".join(AttachmentKind)
        raise MalformedError(f"{name} is of no kind that is taken. Send one of: {known}.")
    kind = AttachmentKind(word)
    if not head:
        raise MalformedError(f"{name} is empty.")
    starts = FORMS[kind].starts
    if not (head.startswith(starts) if starts else _is_text(head)):
        raise MalformedError(f"{name} does not hold what its name says: its bytes are no {kind}.")
    return kind


def harmless_name(name: str) -> str:
    """The last part of a name, of printable characters, its ending kept; never empty."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(one for one in last if one.isprintable())[-NAME_CHARACTERS_MAX:] or "unnamed"


def _is_text(head: bytes) -> bool:
    """UTF-8 without null characters; the last character may be cut."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return False
    return b"\0" not in head
