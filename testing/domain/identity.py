"""Which unit an insertion belongs to, and texts as columns can hold them."""

from __future__ import annotations

from collections.abc import Sequence

from testing.domain.records import MISSING, MISSING_COORDINATE, Parts

PART_ID_CHARACTERS_MAX = 120


def stored_text(text: str, characters_max: int) -> str:
    """Text without outer blanks and without what UTF-8 or the database cannot hold, cut to fit."""
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return clean.strip()[:characters_max].rstrip()


def unit_keys(parts: Parts, wafer_ids: Sequence[int], run_id: int) -> list[str]:
    """Key of every insertion's unit within its lot step.

    On a wafer with both coordinates `wafer:x:y`; on a wafer without them `wafer/part id`; off a
    wafer the part id. A part with none of these is known only within its run: `run-<id>:<index>`,
    so that nameless parts of two files are never taken for retests of each other.
    """
    keys = []
    columns = (parts.wafer_index.tolist(), parts.x.tolist(), parts.y.tolist(), parts.part_id)
    for index, (wafer_index, x, y, part_id) in enumerate(zip(*columns, strict=True)):
        name = stored_text(part_id, PART_ID_CHARACTERS_MAX)
        if wafer_index != MISSING and MISSING_COORDINATE not in (x, y):
            keys.append(f"{wafer_ids[wafer_index]}:{x}:{y}")
        elif not name:
            keys.append(f"run-{run_id}:{index}")
        elif wafer_index != MISSING:
            keys.append(f"{wafer_ids[wafer_index]}/{name}")
        else:
            keys.append(name)
    return keys
