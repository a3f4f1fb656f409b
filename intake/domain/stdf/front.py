"""Only the MIR: enough to tell which lot a file belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from intake.domain.errors import NotStdfError
from intake.domain.stdf.fields import Fields
from intake.domain.stdf.header import read_header
from intake.domain.stdf.opening import opened
from intake.domain.stdf.run import Header
from intake.domain.stdf.words import MIR

FRONT_RECORDS_MAX = 1_000


def read_front(chunks: Iterable[bytes]) -> Header:
    """The first MIR. NotStdfError without one among the first records."""
    framer = opened(chunks).framer
    for kind, buffer, at, end in islice(framer.frames(), FRONT_RECORDS_MAX):
        if kind == MIR:
            return read_header(Fields(framer.layouts, buffer[at:end]))
    raise NotStdfError(
        "The file holds no MIR record at its beginning, so its lot is unknown; it was probably "
        "cut. Send it again."
    )
