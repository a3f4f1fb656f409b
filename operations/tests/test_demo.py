from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django_celery_beat.models import PeriodicTask
from pytest_django.fixtures import Settings

from intake.models import Arrival, RawFile
from lots.models import Event, Unit
from operations.management.commands.load_demo import Command
from operations.management.demo import doors, pause
from operations.management.demo.line import Wish, written_line
from operations.management.demo.outcome import lines
from operations.management.demo.pause import TASKS, sweeps_paused
from operations.management.progress import Progress
from simulator.evaluate import Raised, evaluate
from simulator.line import arrivals
from simulator.truth import Cause, Truth
from supplychain.base.errors import ConflictError

END = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def folder(files_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.VAR = files_folder
    monkeypatch.setattr(pause, "NOTICED_SECONDS", 0.0)
    return files_folder / "demo-line"


def load(*words: str) -> str:
    output = StringIO()
    call_command("load_demo", "--chips=60", *words, stdout=output)
    return output.getvalue()


@pytest.mark.django_db
def test_a_small_line_loads_whole_and_every_cause_is_found(folder: Path) -> None:
    told = load("--strict")
    assert "Planted causes found: 8 of 8" in told
    assert not RawFile.objects.filter(state__in=["received", "waiting", "rejected"]).exists()
    counts = (Event.objects.count(), Unit.objects.count(), RawFile.objects.count())
    again = load("--strict")
    assert "Planted causes found: 8 of 8" in again
    assert (Event.objects.count(), Unit.objects.count(), RawFile.objects.count()) == counts
    assert Arrival.objects.count() == 2 * len(arrivals(folder))


def test_a_half_written_line_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    truth = written_line(Wish(20, 60, END, tmp_path))
    assert truth["figures"]["files"] > 100


def test_a_line_on_disk_keeps_its_own_end(tmp_path: Path) -> None:
    written_line(Wish(20, 60, END, tmp_path))
    truth = written_line(Wish(20, 60, END.replace(year=2027), tmp_path))
    assert truth["end_at"] == END.isoformat()


def test_another_line_than_the_one_on_disk_is_refused(tmp_path: Path) -> None:
    written_line(Wish(20, 60, END, tmp_path))
    with pytest.raises(ConflictError, match="--seed 20 --chips 60"):
        written_line(Wish(21, 60, END, tmp_path))


@pytest.mark.django_db
def test_too_few_chips_are_refused_in_words(folder: Path) -> None:
    with pytest.raises(CommandError, match="60 chips or more"):
        load("--chips=5")


def test_a_strict_load_fails_when_the_verdict_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Command, "_load", lambda *_: False)
    load()
    with pytest.raises(CommandError, match="and only that"):
        load("--strict")


@pytest.fixture
def schedule(reference: None) -> set[str]:
    return set(PeriodicTask.objects.filter(TASKS).values_list("name", flat=True))


def enabled() -> set[str]:
    return set(PeriodicTask.objects.filter(TASKS, enabled=True).values_list("name", flat=True))


def test_sweeps_rest_while_history_comes_in(schedule: set[str], tmp_path: Path) -> None:
    with sweeps_paused(tmp_path):
        assert not enabled()
    assert enabled() == schedule


def test_what_a_cut_load_switched_off_the_next_one_switches_on(
    schedule: set[str], tmp_path: Path
) -> None:
    PeriodicTask.objects.filter(name__in=schedule).update(enabled=False)
    (tmp_path / "paused.json").write_text(json.dumps(sorted(schedule)))
    with sweeps_paused(tmp_path):
        pass
    assert enabled() == schedule


def test_what_an_administrator_switched_off_stays_off(schedule: set[str], tmp_path: Path) -> None:
    off = min(schedule)
    PeriodicTask.objects.filter(name=off).update(enabled=False)
    with sweeps_paused(tmp_path):
        pass
    assert enabled() == schedule - {off}


@pytest.mark.django_db
def test_work_that_nobody_brings_on_ends_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "drain", lambda **_: True)
    monkeypatch.setattr(doors, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(doors, "IDLE_SECONDS_MAX", 0.0)
    with pytest.raises(doors.StuckError):
        doors.load_all([], Progress(StringIO(), rows=lambda: 0))


@pytest.mark.django_db
def test_work_of_others_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([True, True, True, False])
    monkeypatch.setattr(doors, "drain", lambda **_: False)
    monkeypatch.setattr(doors, "is_owed", lambda ids: next(answers))
    monkeypatch.setattr(doors, "WAIT_SECONDS", 0.0)
    doors.load_all([], Progress(StringIO(), rows=lambda: 0))
    assert next(answers, None) is None


def test_the_verdict_names_what_was_found_missed_and_false() -> None:
    causes = [
        Cause("ring", "yield-below-limit", "L1", "CP1", "", ""),
        Cause("late", "deployed-from-held-lot", "L2", "DICE", "", ""),
    ]
    truth = Truth(1, 60, END.isoformat(), causes=causes, lots=["L1", "L2"]).content()
    issues = [Raised("Q-1", "yield-below-limit", "L1"), Raised("Q-2", "stale-wip", "L2")]
    told = "\n".join(lines(evaluate(truth, issues)))
    assert "Planted causes found: 1 of 2" in told
    assert "MISSED    late" in told
    assert "Q-2  stale-wip L2" in told
