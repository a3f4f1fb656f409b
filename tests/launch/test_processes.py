"""Processes of the launcher: known, followed and ended."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from supplychain.launch import child, processes
from supplychain.launch.output import LINE_BYTES_MAX, Output
from supplychain.launch.places import Places
from supplychain.launch.processes import Recorded, record, stop_groups
from supplychain.launch.supervisor import read_state, state_path, stop_left_children


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_process_is_known_by_number_and_start(sleeper: subprocess.Popen[bytes]) -> None:
    one = record("sleeper", sleeper.pid)
    assert one.is_alive()
    assert not Recorded("sleeper", sleeper.pid, "another time").is_alive()
    sleeper.kill()
    sleeper.wait()
    assert not one.is_alive()


def test_processes_are_known_without_proc_too(
    sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PROC", Path("/nonexistent"))
    assert record("sleeper", sleeper.pid).is_alive()
    assert "input()" in processes.command_line(sleeper.pid)
    assert processes.command_line(2**22 - 1) == ""


def test_orphans_of_a_dead_leader_are_ended() -> None:
    code = "import subprocess as s; print(s.Popen(['/bin/sleep', '77']).pid, flush=True); input()"
    leader = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert leader.stdout is not None
    orphan = int(leader.stdout.readline())
    group = record("leader", leader.pid)
    leader.kill()
    leader.wait()
    for pipe in [leader.stdin, leader.stdout]:
        assert pipe is not None
        pipe.close()
    assert stop_groups([group], marks="no such mark", seconds=1) == []
    assert processes.start_time(orphan)
    assert stop_groups([group], marks="sleep 77", seconds=1) == ["leader"]
    end = time.monotonic() + 10
    while processes.start_time(orphan):
        assert time.monotonic() < end, "the orphan lives on"


def test_child_becomes_its_program(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[object] = []
    monkeypatch.setattr(ctypes, "CDLL", _QuietLibrary)
    monkeypatch.setattr(os, "execv", lambda path, words: became.append((path, words)))
    child.main(os.getppid(), ["/bin/true", "x"])
    assert became == [("/bin/true", ["/bin/true", "x"])]


def test_child_of_a_dead_supervisor_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", _QuietLibrary)
    with pytest.raises(SystemExit):
        child.main(os.getppid() + 1, ["/bin/true"])


def test_everything_is_logged_and_warnings_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = Output("web", tmp_path)
    output.take(b"quiet line\n2026 WARNING lo")
    output.take(b"ud line\nlast words")
    output.finish()
    assert output.last_lines(2) == ["2026 WARNING loud line", "last words"]
    assert capsys.readouterr().out == "web    | 2026 WARNING loud line\n"


def test_endless_line_is_cut(tmp_path: Path) -> None:
    output = Output("web", tmp_path)
    output.take(b"x" * (LINE_BYTES_MAX + 1))
    assert len(output.last_lines(1)[0]) == LINE_BYTES_MAX + 1


def test_log_that_is_not_there_has_no_last_lines(tmp_path: Path) -> None:
    assert Output("web", tmp_path).last_lines(3) == []


def test_broken_record_of_processes_is_none(places: Places) -> None:
    state_path(places).write_text("{")
    assert read_state(places) is None
    assert stop_left_children(places) == []


class _QuietLibrary:
    def __init__(self, _: object) -> None:
        pass

    def prctl(self, *_: object) -> None:
        pass
