"""An archive of several files, taken apart: each member goes on as a file of its own."""

from __future__ import annotations

from intake.domain.errors import ArchiveError
from intake.domain.words import Door, FileState
from intake.domain.zips import Collection, Member, is_collection
from intake.models import ArchiveMember, Arrival, RawFile
from intake.services.receiving import NAME_CHARACTERS_MAX, Kept, admit, keep, printable
from supplychain.base.storing import spooled_pieces, stored

NESTED = "It is an archive of several files itself. Send it by itself."


def is_archive(file: RawFile) -> bool:
    """Whether a stored file is an archive of several files."""
    with stored(file.storage_path) as stream:
        return is_collection(stream)


def take_apart(file: RawFile) -> None:
    """Take in each member of a claimed archive, once; the archive's state says how it went.

    A member is known by its bytes like any other file; what cannot be taken is told with its
    reason. The caller saves the file. ArchiveError, BombError for an archive as a whole.
    """
    with stored(file.storage_path) as stream:
        collection = Collection(stream)
        members = [(one, *_kept(file, collection, one)) for one in collection.members]
    new = sum(_take(file, one, kept, reason) for one, kept, reason in members)
    taken = sum(kept is not None for _, kept, _ in members)
    left = len(members) - taken
    file.state = FileState.PARTIAL if left else FileState.LOADED
    if not taken:
        file.state = FileState.REJECTED
    file.message = _message(taken, new, left)
    file.summary = {"files": len(members), "files_taken": taken, "files_new": new}


def _kept(file: RawFile, collection: Collection, member: Member) -> tuple[Kept | None, str]:
    """The bytes in storage; or None and why they are not taken."""
    if member.fault:
        return None, member.fault
    archive = file.own_name
    name = f"{archive[-120:]}/{printable(member.name)}"[-NAME_CHARACTERS_MAX:]
    folder = f"{file.folder}/{archive}".lstrip("/")[-NAME_CHARACTERS_MAX:]
    try:
        with spooled_pieces(collection.chunks(member.number)) as found:
            if is_collection(found.stream):
                return None, NESTED
            return keep(found, name=name, folder=folder), ""
    except ArchiveError as error:
        return None, error.detail


def _take(file: RawFile, member: Member, kept: Kept | None, reason: str) -> bool:
    """Record what became of a member. Whether its bytes are new here."""
    receipt = admit(kept, creates_lots=file.creates_lots) if kept else None
    ArchiveMember.objects.create(
        archive=file,
        number=member.number,
        name=printable(member.name)[-NAME_CHARACTERS_MAX:],
        size=member.size,
        file=receipt.file if receipt else None,
        reason=printable(reason)[:NAME_CHARACTERS_MAX],
    )
    if receipt is None or kept is None:
        return False
    Arrival.objects.create(file=receipt.file, door=Door.ARCHIVE, name=kept.name)
    return not receipt.is_duplicate


def _message(taken: int, new: int, left: int) -> str:
    if not taken and not left:
        return "The archive holds folders only. Send it again."
    said = f"Files of the archive taken in: {taken:,}, of which {new:,} are new."
    return f"{said} Left out: {left:,}." if left else said
