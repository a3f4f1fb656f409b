from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from intake.tests.stdf_builder import Writer, sort_file

W = Writer()


def told(what: str, *files: Path) -> str:
    out = StringIO()
    call_command("stdf", what, *map(str, files), stdout=out)
    return out.getvalue()


def test_a_clean_file_is_valid(tmp_path: Path) -> None:
    (tmp_path / "a.stdf").write_bytes(sort_file())
    assert "a.stdf: clean" in told("validate", tmp_path / "a.stdf")


def test_inspecting_tells_what_is_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.stdf").write_bytes(sort_file(dies=4))
    text = told("inspect", tmp_path / "a.stdf")
    assert "lot L1" in text
    assert "4 results, 1 tests, 4 readings, 1 wafers" in text


def test_a_file_with_dirt_is_not_valid_and_the_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.stdf").write_bytes(W.file(W.record(5, 10, b"\1"), W.prr()))
    assert "1 PIR: shorter than its required fields" in told("inspect", tmp_path / "a.stdf")
    with pytest.raises(CommandError, match="1 of 1"):
        told("validate", tmp_path / "a.stdf")


def test_what_is_no_stdf_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lot,step")
    assert "does not begin with a FAR" in told("inspect", tmp_path / "a.csv")


def test_the_reader_is_prepared_ahead() -> None:
    assert told("prepare") == "The reader is ready.\n"
