"""A folder of recorded lots and its truth file, from files to figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from operations.management.evaluation.bench import reference_rules
from operations.management.evaluation.files import (
    Folder,
    paths_in,
    read_files,
    require_readable,
)
from operations.management.evaluation.line import judge_line, line_report
from operations.management.evaluation.recorded import lots_of
from operations.management.evaluation.truth import read_truth, require_recorded
from operations.management.progress import Output, Progress
from supplychain.base.errors import MalformedError


def folder_report(folder: Path, truth: Path, output: Output, *, is_lenient: bool) -> dict[str, Any]:
    """All figures, JSON-ready. is_lenient: files that cannot be read are left out, not refused.

    MalformedError for a folder or truth that cannot be judged, saying what to do.
    """
    paths = paths_in(folder)
    events = read_truth(truth)
    found = Folder(folder)
    progress = Progress(output, rows=lambda: found.insertion_count)
    progress.begin("Reading files", len(paths))
    read_files(paths, found, progress.advance)
    if is_lenient:
        found.left_out.update(found.unreadable)
    else:
        require_readable(found)
    for name, why in found.left_out.items():
        progress.say(f"Left out {name}: {why}")
    _require_runs(found)
    progress.begin("Putting lots together", len(found.runs))
    lots = lots_of(found.runs, found.stays, sorted({one.step for one in events}), progress.advance)
    require_recorded(events, lots)
    progress.begin("Judging lots", len(lots))
    result = judge_line(lots, events, reference_rules(), progress.advance)
    return {
        **line_report(result, events),
        "files": {
            "sessions": len(found.runs),
            "repeated": found.copy_count,
            "insertions": found.insertion_count,
            "lots": len({lot.code for lot in lots}),
            "lot_steps": len(lots),
            "left_out": found.left_out,
            "others": dict(sorted(found.others.items())),
        },
    }


def _require_runs(found: Folder) -> None:
    if not found.runs:
        raise MalformedError(
            f"No file in {found.root} holds results of a lot. Put the test files there (STDF, "
            "ATDF or results, plain or packed)."
        )
