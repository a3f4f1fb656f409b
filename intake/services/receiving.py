"""Every door leads here: bytes become a file, or one more arrival of a known one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from intake.domain.archives import Unpacked
from intake.domain.errors import ArchiveError
from intake.domain.words import ARCHIVE, TEST_KINDS, Door, FileState
from intake.domain.zips import is_collection
from intake.models import Arrival, FeedMapping, RawFile
from intake.services.hooks import tell_owed
from intake.services.mappings import kind_and_mapping
from intake.services.registry import HEAD_BYTES
from supplychain.base.storing import UPLOAD_BYTES_MAX, Spooled, spooled, store

NAME_CHARACTERS_MAX = 255


@dataclass(frozen=True, slots=True)
class Receipt:
    """The file, and whether its bytes were here before.

    is_tried_again: it had waited for a match, and may now make its lot.
    """

    file: RawFile
    is_duplicate: bool
    is_tried_again: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes in storage, not yet a file. name: its last part and what stands before it."""

    sha256: str
    size: int
    path: str
    name: str
    folder: str
    kind: str
    mapping: FeedMapping | None


def receive_file(
    *,
    stream: IO[bytes],
    name: str,
    door: Door,
    actor_id: int | None = None,
    creates_lots: bool = False,
    bytes_max: int = UPLOAD_BYTES_MAX,
) -> Receipt:
    """Store the bytes and owe their loading; the same bytes again only add an arrival.

    creates_lots: a test file of an unknown lot makes an engineering lot; asked for a known file
    that waits for a match, or an archive of such, it is tried again so. name: a folder before it is
    kept, a clue to its step. TooLargeError when larger than bytes_max.
    """
    with spooled(stream, bytes_max) as found:
        kept = keep(found, name=safe_name(name), folder=safe_folder(name))
        with transaction.atomic():
            receipt = admit(kept, creates_lots=creates_lots)
            Arrival.objects.create(file=receipt.file, door=door, name=kept.name, actor_id=actor_id)
    return receipt


def keep(found: Spooled, *, name: str, folder: str) -> Kept:
    """Put the bytes into storage and tell what they are."""
    path = store(found)
    if is_collection(found.stream):
        return Kept(found.sha256, found.size, path, name, folder, ARCHIVE, None)
    kind, mapping = kind_and_mapping(name, _head(found.stream))
    return Kept(found.sha256, found.size, path, name, folder, kind, mapping)


def admit(kept: Kept, *, creates_lots: bool) -> Receipt:
    """Make kept bytes a file, unless they are one; the caller's transaction adds the arrival."""
    file, is_new = RawFile.objects.get_or_create(
        sha256=kept.sha256,
        defaults={
            "size": kept.size,
            "name": kept.name,
            "folder": kept.folder,
            "kind": kept.kind,
            "storage_path": kept.path,
            "creates_lots": creates_lots,
            "mapping": kept.mapping,
        },
    )
    tell_owed()
    again = creates_lots and not is_new and _let_create_lots(file)
    return Receipt(file, is_duplicate=not is_new, is_tried_again=again)


def safe_name(name: str) -> str:
    """The last part of a name, without characters that no name has."""
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    return printable(last)[-NAME_CHARACTERS_MAX:] or "unnamed"


def safe_folder(name: str) -> str:
    """What stands before the last part of a name, without characters that no name has."""
    before, _, _ = name.replace("\\", "/").rstrip("/").rpartition("/")
    return printable(before)[-NAME_CHARACTERS_MAX:]


def printable(text: str) -> str:
    """Without characters that no name has."""
    return "".join(letter for letter in text if letter.isprintable())


def _head(stream: IO[bytes]) -> bytes:
    try:
        return Unpacked(stream).head(HEAD_BYTES)
    except ArchiveError:
        return b""


def _let_create_lots(file: RawFile) -> bool:
    """Only a test file that nobody has matched is tried again; a settled one stays as it is."""
    waiting = RawFile.objects.filter(
        Q(pk=file.pk) | Q(archives__archive=file),
        kind__in=TEST_KINDS,
        state=FileState.UNMATCHED,
        creates_lots=False,
    )
    ids = list(waiting.values_list("pk", flat=True))
    still = waiting.model.objects.filter(pk__in=ids, state=FileState.UNMATCHED)
    changed = still.update(creates_lots=True, state=FileState.RECEIVED, due_at=timezone.now())
    file.refresh_from_db()
    return bool(changed)
