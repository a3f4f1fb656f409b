"""Test files of every kind: what one says of itself, what it holds, and the lot behind it."""

from __future__ import annotations

from intake.domain.archives import Unpacked, UnpackLimits
from intake.domain.errors import FileRefusedError, UnmatchedError
from intake.domain.results.columns import decoded_run
from intake.domain.results.reading import read_session
from intake.domain.stdf.front import read_front
from intake.domain.stdf.run import DecodedRun, Header
from intake.domain.words import RESULT_KINDS
from intake.models import RawFile
from lots.models import Lot, Unit
from supplychain.base.storing import stored
from testing.domain.identity import PART_ID_CHARACTERS_MAX, stored_text

RESULTS_BYTES_MAX = 64 << 20
NAMED_MAX = 5


def read_results(file: RawFile) -> tuple[DecodedRun, Unpacked]:
    """A stored file of results, whole, and how it was unpacked. FileRefusedError without any."""
    with stored(file.storage_path) as stream:
        unpacked = Unpacked(stream, UnpackLimits(bytes_max=RESULTS_BYTES_MAX))
        session = read_session(file.kind, b"".join(unpacked.chunks()))
    if not session.units:
        reason = f" {session.left_out[0].reason}" if session.left_out else ""
        raise FileRefusedError(f"The file holds no result of any unit.{reason}")
    return decoded_run(session), unpacked


def read_header(file: RawFile) -> tuple[Header, Lot | None]:
    """What the file says of itself; the lot of its units where it names none."""
    if file.kind in RESULT_KINDS:
        run, _ = read_results(file)
        return run.header, lot_of_units(file, run)
    with stored(file.storage_path) as stream:
        return read_front(Unpacked(stream).chunks()), None


def lot_of_units(file: RawFile, run: DecodedRun) -> Lot | None:
    """The one lot that all units belong to, for results that name none; None otherwise.

    UnmatchedError when they are of several lots.
    """
    if file.kind not in RESULT_KINDS or run.header.lot_id or file.lot_id:
        return None
    serials = {stored_text(serial, PART_ID_CHARACTERS_MAX) for serial in run.parts.part_id}
    known = Unit.objects.filter(serial__in=serials, lot__isnull=False).order_by()
    codes = sorted(known.values_list("lot__code", flat=True).distinct()[: NAMED_MAX + 1])
    if len(codes) > 1:
        raise UnmatchedError(
            f"The file names no lot, and its units are of several: {', '.join(codes[:NAMED_MAX])}. "
            "Send one file a lot, or match it by hand.",
            lots=codes[:NAMED_MAX],
        )
    if not codes:
        return None
    return Lot.objects.select_related("product", "route_version").get(code=codes[0])
