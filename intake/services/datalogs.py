"""What the test program wrote for people, read again from the stored file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from intake.domain.archives import Unpacked
from intake.domain.stdf.datalog import SaidLine, said
from intake.domain.stdf.decoder import Decoding
from intake.domain.words import RESULT_KINDS
from intake.models import RawFile
from supplychain.base.storing import stored


@dataclass(frozen=True, slots=True)
class DatalogPage:
    """Some lines in file order. after: byte to go on from; None where these are the last."""

    lines: tuple[SaidLine, ...]
    after: int | None


def datalog_lines(file: RawFile) -> Iterator[SaidLine]:
    """Every DTR and GDR in file order, batch by batch, in bounded memory; none for results."""
    if file.kind in RESULT_KINDS:
        return
    with stored(file.storage_path) as stream:
        decoding = Decoding(Unpacked(stream).chunks())
        for batch in decoding.batches():
            yield from said(batch.datalog, decoding.framer.mark)


def datalog_page(file: RawFile, text: str = "", after: int = -1, size: int = 200) -> DatalogPage:
    """The lines that hold the text, in any case, behind a byte. The file is read up to them."""
    wanted = text.casefold()
    found = (
        line
        for line in datalog_lines(file)
        if line.position > after and wanted in line.text.casefold()
    )
    lines = tuple(islice(found, size + 1))
    return DatalogPage(lines[:size], lines[size - 1].position if len(lines) > size else None)
