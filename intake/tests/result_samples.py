"""Sample files of results, and how tests read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from intake.domain.results.reading import read_session
from intake.domain.results.session import Measurement, Session
from intake.domain.words import OPENHTF, RESULTS, RESULTS_CSV, WATS

SAMPLES = Path(__file__).parent / "results_files"
NAMES = {
    RESULTS: "slt.results.json",
    RESULTS_CSV: "slt.results.csv",
    WATS: "board.wsjf.json",
    OPENHTF: "rack.openhtf.json",
}


def content(kind: str) -> bytes:
    return (SAMPLES / NAMES[kind]).read_bytes()


def sample(kind: str) -> Session:
    return read_session(kind, content(kind))


def document(kind: str) -> dict[str, Any]:
    loaded = json.loads(content(kind))
    assert isinstance(loaded, dict)
    return loaded


def read(kind: str, words: object) -> Session:
    return read_session(kind, json.dumps(words).encode())


def by_name(session: Session, unit: int = 0) -> dict[str, Measurement]:
    return {one.name: one for one in session.units[unit].measurements}


def limits(one: Measurement) -> tuple[float | None, float | None]:
    return one.low, one.high


# --- which format
