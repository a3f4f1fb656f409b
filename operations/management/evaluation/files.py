"""A folder of test files and oven reports, read as the service reads them, but for its database."""

from __future__ import annotations

import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from intake.domain.archives import Unpacked
from intake.domain.errors import FileRefusedError
from intake.domain.results.columns import decoded_run
from intake.domain.results.reading import read_session
from intake.domain.stdf.columns import joined
from intake.domain.stdf.decoder import Decoding
from intake.domain.stdf.run import DecodedRun, Header
from intake.domain.tables import instant_of
from intake.domain.words import RESULT_KINDS, TEST_KINDS
from intake.feeds.burn_in import FORMAT, list_of, read_document, text_of
from intake.services.registry import HEAD_BYTES, kind_of
from supplychain.base.errors import MalformedError, SupplychainError
from testing.domain.copies import Copy
from testing.domain.identity import PART_ID_CHARACTERS_MAX, stored_text
from testing.domain.packed import PackedTexts
from testing.domain.records import Parts

FILES_MAX = 200_000
INSERTIONS_MAX = 20_000_000
NAMED_MAX = 5
BURN_IN = "burn-in"


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A session as its file tells it. wafers: as the file names them; readings are left out."""

    name: str
    sha256: str
    header: Header
    started_at: datetime
    lot: str
    probe_card: str
    load_board: str
    wafers: tuple[str, ...]
    parts: Parts
    is_whole: bool
    doubt_count: int

    @property
    def copy(self) -> Copy:
        """What decides which of two tellings of one session counts."""
        return Copy(self.is_whole, len(self.parts), self.sha256, self.doubt_count)


@dataclass(frozen=True, slots=True)
class OvenStay:
    """A unit in an oven, until then."""

    removed_at: datetime
    oven: str


@dataclass(slots=True)
class Folder:
    """What it holds, files named from `root` on. stays: by lot and serial. left_out: file and why
    it cannot be judged; unreadable: the same for broken ones. others: files that hold no results,
    by kind. copy_count: files that were there already, byte for byte.
    """

    root: Path
    runs: list[RecordedRun] = field(default_factory=list)
    stays: dict[tuple[str, str], list[OvenStay]] = field(default_factory=lambda: defaultdict(list))
    left_out: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    copy_count: int = 0
    insertion_count: int = 0

    def name_of(self, path: Path) -> str:
        """A file as people are told of it."""
        return str(path.relative_to(self.root))


class UnnamedError(SupplychainError):
    """A sound file that does not say enough to be judged."""

    code = "unnamed"
    title = "The file does not say whose results it holds"


def paths_in(folder: Path) -> list[Path]:
    """All files in the folder and those below it. MalformedError where there is none."""
    if not folder.is_dir():
        raise MalformedError(f"There is no folder {folder}. Name the one that holds the files.")
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    if not found:
        raise MalformedError(f"There is no file in {folder}. Put the test files of the lots there.")
    if len(found) > FILES_MAX:
        raise MalformedError(
            f"{folder} holds more than {FILES_MAX:,} files. Judge fewer lots at a time."
        )
    return found


def read_files(paths: Sequence[Path], found: Folder, advance: Callable[[], object]) -> None:
    """Every file into `found`, the same bytes once. MalformedError beyond a bound."""
    seen: set[str] = set()
    for path in paths:
        _read(path, found, seen)
        if found.insertion_count > INSERTIONS_MAX:
            raise MalformedError(
                f"The files hold more than {INSERTIONS_MAX:,} results. Judge fewer lots at a time."
            )
        advance()


def require_readable(found: Folder) -> None:
    """MalformedError naming files that are broken."""
    if not found.unreadable:
        return
    named = [f"{name}: {why}" for name, why in list(found.unreadable.items())[:NAMED_MAX]]
    told = (
        f"Files that cannot be read: {len(found.unreadable)}. Replace or remove them, or judge the "
        "others with --skip-unreadable."
    )
    raise MalformedError("\n".join([told, *named]))


def _read(path: Path, found: Folder, seen: set[str]) -> None:
    try:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            if sha256 in seen:
                found.copy_count += 1
                return
            seen.add(sha256)
            _take(path, stream, sha256, found)
    except UnnamedError as error:
        found.left_out[found.name_of(path)] = error.detail
    except SupplychainError as error:
        found.unreadable[found.name_of(path)] = error.detail
    except OSError as error:
        found.unreadable[found.name_of(path)] = f"{error.strerror}."


def _take(path: Path, stream: BinaryIO, sha256: str, found: Folder) -> None:
    kind = kind_of(path.name, Unpacked(stream).head(HEAD_BYTES))
    if kind == BURN_IN:
        _add_stays(found, b"".join(Unpacked(stream).chunks()))
    elif kind in TEST_KINDS:
        run = _recorded(found.name_of(path), sha256, *_decoded(kind, stream))
        found.runs.append(run)
        found.insertion_count += len(run.parts)
    else:
        found.others[kind] += 1


def _decoded(kind: str, stream: BinaryIO) -> tuple[DecodedRun, Parts, bool]:
    """The run, its insertions, and whether its archive was cut."""
    unpacked = Unpacked(stream)
    if kind in RESULT_KINDS:
        run = decoded_run(read_session(kind, b"".join(unpacked.chunks())))
        return run, run.parts, unpacked.is_cut
    decoding = Decoding(unpacked.chunks())
    parts = joined(Parts, [batch.parts for batch in decoding.batches()])
    run = decoding.run()
    names = PackedTexts()
    names.add(parts.part_id)
    wafer_index = decoding.wafer_indexes()[parts.wafer_index]
    return run, replace(parts, part_id=names, wafer_index=wafer_index), unpacked.is_cut


def _recorded(name: str, sha256: str, run: DecodedRun, parts: Parts, is_cut: bool) -> RecordedRun:
    header, started_at = run.header, run.header.started_at or run.told_at
    lot = stored_text(header.lot_id, PART_ID_CHARACTERS_MAX)
    if not len(parts):
        raise FileRefusedError("The file holds no result of any part.")
    if not lot:
        raise UnnamedError("The file names no lot (LOT_ID).")
    if not (header.test_code or header.flow_id or header.job_name):
        raise UnnamedError("The file names no step (TEST_COD, FLOW_ID) and no program (JOB_NAM).")
    if started_at is None:
        raise UnnamedError("The file does not say when it was begun (START_T, SETUP_T).")
    return RecordedRun(
        name=name,
        sha256=sha256,
        header=header,
        started_at=started_at,
        lot=lot,
        probe_card=next((site.probe_card for site in run.sites if site.probe_card), ""),
        load_board=next((site.load_board for site in run.sites if site.load_board), ""),
        wafers=tuple(wafer.code for wafer in run.wafers),
        parts=parts,
        is_whole=not (run.is_partial or is_cut or run.rejected_count),
        doubt_count=len(run.disagreements) + len(run.breaches),
    )


def _add_stays(found: Folder, content: bytes) -> None:
    document = read_document(io.BytesIO(content), FORMAT)
    lot, oven = text_of(document, "lot"), text_of(document, "oven")
    for unit in list_of(document, "units"):
        if not isinstance(unit, dict):
            raise MalformedError("Each of units must be an object.", field="units")
        removed_at = instant_of(text_of(unit, "removed_at"), "removed_at")
        serial = stored_text(text_of(unit, "serial"), PART_ID_CHARACTERS_MAX)
        found.stays[lot, serial].append(OvenStay(removed_at, oven))
