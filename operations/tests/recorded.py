"""Lots written as files, a truth about them, and the command that judges both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from operations.management.commands.simulate_lots import EVERY, T0
from operations.management.evaluation.files import Folder, paths_in, read_files
from operations.management.evaluation.recorded import lots_of
from simulator.lot_files import write_lot
from simulator.streams import Tested, lot_at

SEED = 960
HEAD = "event,kind,name,step,lot,where"


def ordinary(count: int, step: str = "FT-HOT") -> list[Tested]:
    return [lot_at(SEED, number, step) for number in range(count)]


def written(folder: Path, lots: Sequence[Tested]) -> Path:
    folder.mkdir(exist_ok=True)
    for place, lot in enumerate(lots):
        write_lot(folder, lot, SEED, T0 + place * EVERY)
    return folder


def read(folder: Path) -> Folder:
    found = Folder(folder)
    read_files(paths_in(folder), found, lambda: None)
    return found


def lots_in(folder: Path, steps: Sequence[str] = ()) -> list[Tested]:
    found = read(folder)
    return lots_of(found.runs, found.stays, steps, lambda _: None)


def truth(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "truth.csv"
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return path


def judged(folder: Path, path: Path, *more: str) -> dict[str, Any]:
    out = StringIO()
    words = [f"--folder={folder}", f"--truth={path}", "--json", *more]
    call_command("evaluate_detectors", *words, stdout=out, stderr=StringIO())
    found: dict[str, Any] = json.loads(out.getvalue())
    return found
