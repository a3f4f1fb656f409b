from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError

from intake.domain.words import Door, FileState
from intake.feeds.lookups import command_of
from intake.models import Arrival, LoadAttempt, MatchRule, RawFile, RejectedRecord
from intake.services import drain
from intake.services.registry import FeedContext, FeedItem, plain_name
from intake.tests.handing import T0, hand_in, loaded, start_row, wip
from intake.tests.stdf_builder import sort_file
from supplychain.base.errors import MalformedError

pytestmark = pytest.mark.django_db


def test_rows_of_history_have_names(files_folder: Path) -> None:
    file = hand_in(b"hello", "a.txt")
    assert str(file) == "a.txt"
    assert str(Arrival(file=file, name="b.txt", door=Door.INBOX)) == "b.txt by inbox"
    assert str(LoadAttempt(file=file, worker="w")) == "a.txt by w"
    assert str(RejectedRecord(file=file, position=7, kind="PRR")) == "PRR at 7"


def test_a_feed_row_is_named_by_its_file(material: Path) -> None:
    file = loaded(wip(start_row()), "x.wip.csv")
    assert str(file.rows.get()) == "x.wip.csv, row 2"


def test_loading_is_shown_but_never_stored(files_folder: Path) -> None:
    file = hand_in(b"hello")
    with pytest.raises(IntegrityError):
        RawFile.objects.filter(pk=file.pk).update(state=FileState.LOADING)


def test_a_rule_must_say_something() -> None:
    with pytest.raises(IntegrityError):
        MatchRule.objects.create(name="everything", step_code="CP1")


def test_a_rules_patterns_must_be_regular_expressions() -> None:
    rule = MatchRule(name="r", step_code="CP1", file_pattern="(")
    with pytest.raises(ValidationError, match="no regular expression"):
        rule.full_clean()
    rule.file_pattern = "^a"
    rule.full_clean()
    assert str(rule) == "r"


def test_an_item_without_an_instant_is_malformed() -> None:
    context = FeedContext(1, "ab", "x.csv", T0)
    with pytest.raises(MalformedError, match="occurred_at"):
        command_of(FeedItem(1, "k", {}), context, {})


def test_a_name_loses_folder_case_and_archive() -> None:
    assert plain_name("C:\\In\\A.WIP.csv.GZ") == "a.wip.csv"


def test_draining_tells_what_it_works_on(material: Path) -> None:
    hand_in(wip(start_row()), "x.wip.csv")
    told: list[str] = []
    assert not drain(report=told.append)
    assert told == ["file", "row"]


def test_draining_stops_when_its_time_is_over(material: Path) -> None:
    hand_in(wip(start_row()), "x.wip.csv")
    assert drain(seconds=0)


def test_a_broken_deadlock_leaves_the_row_for_another_try(
    material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise OperationalError("deadlock detected")

    file = hand_in(wip(start_row()), "x.wip.csv")
    with monkeypatch.context() as patch:
        patch.setattr("intake.feeds.wip_verbs.receive_lot", fail)
        with pytest.raises(OperationalError):
            drain()
    drain()
    assert RawFile.objects.get(pk=file.pk).state == FileState.LOADED


def test_a_feed_that_came_to_be_known_reads_older_files(material: Path) -> None:
    file = hand_in(wip(start_row()), "x.csv")
    RawFile.objects.filter(pk=file.pk).update(kind="unknown")
    drain()
    assert RawFile.objects.get(pk=file.pk).kind == "wip"


def test_a_match_may_stand_though_an_engineering_lot_was_allowed(material: Path) -> None:
    loaded(sort_file(lot="X9", wafers=("1",)), creates_lots=True)
    file = loaded(sort_file(lot="X9", wafers=("1",), job="J2"), creates_lots=True)
    assert file.state == FileState.LOADED
