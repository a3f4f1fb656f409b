"""Which result format a file is in, told by its bytes before its name, and reading it."""

from __future__ import annotations

import io

from intake.domain.results.nodes import read_json
from intake.domain.results.openhtf import read_openhtf
from intake.domain.results.own_csv import REQUIRED, read_csv
from intake.domain.results.own_json import FORMAT, read_own
from intake.domain.results.session import Session
from intake.domain.results.wats import read_wats
from intake.domain.tables import BOM, header_of
from intake.domain.words import OPENHTF, RESULTS, RESULTS_CSV, WATS

OWN_MARK = FORMAT.encode()
MARK_BYTES = 400
SUFFIXES = (
    (".results.json", RESULTS),
    (".results.csv", RESULTS_CSV),
    (".wsjf", WATS),
    (".wsjf.json", WATS),
    (".openhtf.json", OPENHTF),
)
WATS_MARKS = (b'"sn"', b'"pn"')
OPENHTF_MARKS = (b'"dut_id"', b'"code_info"')


def result_kind(name: str, head: bytes) -> str | None:
    """The format, None for none of ours. name: lower case, without an archive's suffix."""
    start = head.removeprefix(BOM).lstrip()
    if start[:1] in (b"{", b"["):
        if OWN_MARK in start[:MARK_BYTES]:
            return RESULTS
        if all(mark in start for mark in WATS_MARKS):
            return WATS
        if any(mark in start for mark in OPENHTF_MARKS):
            return OPENHTF
    elif set(REQUIRED) <= set(header_of(head)):
        return RESULTS_CSV
    return next((kind for suffix, kind in SUFFIXES if name.endswith(suffix)), None)


def read_session(kind: str, content: bytes) -> Session:
    """The session. FileRefusedError where nothing can be read. kind: as `result_kind` says."""
    if kind == RESULTS_CSV:
        return read_csv(io.BytesIO(content))
    document = read_json(content.removeprefix(BOM))
    if kind == WATS:
        return read_wats(document)
    return read_openhtf(document) if kind == OPENHTF else read_own(document)
