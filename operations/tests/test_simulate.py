from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from operations.management.commands.simulate import last_midnight


def test_a_line_is_written_with_its_truth(tmp_path: Path) -> None:
    output = StringIO()
    call_command(
        "simulate",
        "--seed=5",
        "--chips=60",
        f"--out={tmp_path}",
        "--end-at=2026-11-23T00:00:00Z",
        stdout=output,
    )
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert (truth["seed"], truth["end_at"]) == (5, "2026-11-23T00:00:00+00:00")
    assert "planted causes" in output.getvalue()


def test_without_an_end_the_line_ends_at_midnight(tmp_path: Path) -> None:
    call_command("simulate", "--chips=60", f"--out={tmp_path}", stdout=StringIO())
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert datetime.fromisoformat(truth["end_at"]).hour == 0
    assert last_midnight().tzinfo is UTC


def test_a_line_is_never_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    with pytest.raises(CommandError, match="another folder"):
        call_command("simulate", "--chips=60", f"--out={tmp_path}")


@pytest.mark.parametrize("text", ["tomorrow", "2026-11-23T00:00:00", "2026-13-01T00:00:00Z"])
def test_an_end_without_offset_or_sense_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CommandError, match="is no instant"):
        call_command("simulate", f"--out={tmp_path}", f"--end-at={text}")
