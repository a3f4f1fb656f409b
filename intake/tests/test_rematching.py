"""A file under the wrong lot, step or wafer is matched anew: as if it had been right at first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.storage import default_storage
from django.db import connection, transaction

from intake.domain.errors import UnmatchedError
from intake.domain.words import FileState
from intake.models import MatchRule, RawFile
from intake.services import (
    NewMatch,
    drain,
    match_file,
    match_many_anew,
    match_run_anew,
    rematching,
    states,
    take_back_run,
    try_match_anew,
    try_match_many,
    try_take_back,
)
from intake.services.rematch_trial import Figures
from intake.tests.handing import again, loaded
from intake.tests.stdf_builder import sort_file
from lots.models import Lot, Step
from lots.tests.making import wafer_lot
from quality.models import YieldBook, YieldFigure
from quality.services import recount_differences, summarise_owed
from quality.tests.building import NOW
from supplychain.base.errors import (
    ConflictError,
    ForbiddenError,
    MalformedError,
    MissingError,
    RefusedError,
)
from testing.models import LotStep, ReadingFile, Restatement, Run, UnitResult

pytestmark = pytest.mark.django_db
WHY = "operator typed the wrong lot"
WORDS: dict[str, Any] = {"flow": "CP1", "part_type": "TRN3-DIE"}
OWN = sort_file(lot="W1", wafers=("1",), dies=5, fails=2, **WORDS)
STRAY = sort_file(lot="W1", wafers=("1", "2"), fails=1, **WORDS)
"""Says W1, and is of W2."""


@pytest.fixture
def lots(material: Path) -> tuple[Lot, Lot]:
    return wafer_lot("W1", step="CP1"), wafer_lot("W2", step="CP1")


@pytest.fixture
def engineer(db: None) -> User:
    user = User.objects.create_user("engineer")
    user.user_permissions.add(Permission.objects.get(codename="change_rawfile"))
    return user


@pytest.fixture
def stray(lots: tuple[Lot, Lot]) -> Run:
    loaded(OWN, "own.stdf")
    return run_of(loaded(STRAY, "stray.stdf"))


def run_of(file: RawFile) -> Run:
    run = again(file).run
    assert run is not None
    return run


def step(code: str = "CP1") -> Step:
    return Step.objects.get(route_version__route__code="A", code=code)


def to(lot: str, code: str = "CP1", **wafers: str) -> NewMatch:
    return NewMatch(Lot.objects.get(code=lot), step(code), wafers)


def anew(run: Run, actor: User, lot: str = "W2", key: str = "k", **words: Any) -> Run:
    return match_run_anew(run=run, to=to(lot, **words), reason=WHY, actor=actor, op_key=key)


def figures() -> dict[str, list[Any]]:
    """Everything that is counted, of lot steps with units."""
    while summarise_owed(now=NOW):
        pass
    counted = "tested", "first_passed", "final_passed", "retested", "recovered"
    return {
        "steps": list(
            LotStep.objects.filter(unit_count__gt=0).order_by("lot__code").values_list(
                "lot__code", "step__code", "unit_count", "first_pass_count", "final_pass_count",
                "first_started_at",
            )
        ),
        "results": list(
            UnitResult.objects.filter(is_final=True)
            .order_by("wafer__code", "x")
            .values_list("wafer__code", "x", "attempt", "outcome", "run__source_name")
        ),
        "yields": list(
            YieldFigure.objects.filter(is_current=True)
            .order_by("lot_step__lot__code", "scope", "scope_key")
            .values_list("lot_step__lot__code", "scope", *counted)
        ),
        "books": list(
            YieldBook.objects.order_by("lot_step__lot__code").values_list(
                "lot_step__lot__code", "insertion_count", "left_out_count", "week", *counted
            )
        ),
    }  # fmt: skip


def test_the_figures_of_both_lots_are_those_of_a_file_loaded_rightly(
    lots: tuple[Lot, Lot], engineer: User
) -> None:
    with transaction.atomic():
        loaded(OWN, "own.stdf")
        loaded(sort_file(lot="W2", wafers=("1", "2"), fails=1, **WORDS), "stray.stdf")
        rightly = figures()
        transaction.set_rollback(True)
    loaded(OWN, "own.stdf")
    wrong = run_of(loaded(STRAY, "stray.stdf"))
    assert figures() != rightly
    fresh = anew(wrong, engineer)
    assert figures() == rightly
    assert recount_differences() == []
    assert fresh.lot_step.lot.code == "W2"


def test_a_lot_that_keeps_nothing_has_no_figures(lots: tuple[Lot, Lot], engineer: User) -> None:
    wrong = run_of(loaded(STRAY))
    figures()
    anew(wrong, engineer)
    assert [row[0] for row in figures()["yields"] if row[1] == "lot"] == ["W2"]
    assert recount_differences() == []


def test_the_file_and_both_runs_say_what_happened(stray: Run, engineer: User) -> None:
    fresh = anew(stray, engineer)
    file = RawFile.objects.get(run=fresh)
    assert (file.state, file.lot and file.lot.code, file.matched_by) == ("loaded", "W2", engineer)
    assert (fresh.key, fresh.edition) == (f"{stray.key}-2", 2)
    causes = Restatement.objects.filter(actor=engineer).order_by("pk")
    assert list(causes.values_list("lot_step__lot__code", "cause", "reason", "run")) == [
        ("W1", "matched-anew", WHY, stray.pk),
        ("W2", "matched-anew", WHY, fresh.pk),
    ]
    assert file.attempts.count() == 2


def test_twice_does_it_once(stray: Run, engineer: User) -> None:
    assert anew(stray, engineer) == anew(stray, engineer)
    assert Run.objects.filter(source_sha256=stray.source_sha256).count() == 2
    with pytest.raises(ConflictError, match="something else"):
        anew(stray, engineer, "W1", code="CP2")
    with pytest.raises(ConflictError, match="taken back before"):
        anew(stray, engineer, key="another")


def test_the_same_content_again_is_told_where_it_is(stray: Run, engineer: User) -> None:
    fresh = anew(stray, engineer)
    file = loaded(STRAY, "again.stdf")
    assert (file.run, file.arrivals.count()) == (fresh, 2)


def test_a_step_alone_is_changed(stray: Run, engineer: User) -> None:
    assert anew(stray, engineer, "W1", code="CP2").lot_step.step.code == "CP2"


def test_a_wafer_alone_is_changed(stray: Run, engineer: User) -> None:
    fresh = anew(stray, engineer, "W1", **{"1": "W1-03"})
    codes = fresh.run_wafers.order_by("wafer__code").values_list("wafer__code", flat=True)
    assert list(codes) == ["W1-02", "W1-03"]


def test_the_rules_as_they_are_now_may_say_it(lots: tuple[Lot, Lot], engineer: User) -> None:
    rule = MatchRule.objects.create(name="cell", tester_pattern="T1", step_code="CP2")
    wrong = run_of(loaded(sort_file(lot="W1", wafers=("1",))))
    rule.step_code = "CP1"
    rule.save()
    fresh = match_run_anew(run=wrong, to=NewMatch(), reason=WHY, actor=engineer, op_key="k")
    assert (wrong.lot_step.step.code, fresh.lot_step.step.code) == ("CP2", "CP1")


@pytest.mark.parametrize(
    ("lot", "words", "refusal"),
    [
        ("W1", {}, RefusedError),
        ("W2", {"1": "W1-01"}, UnmatchedError),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    stray: Run, engineer: User, lot: str, words: dict[str, str], refusal: type[Exception]
) -> None:
    before = figures()
    with pytest.raises(refusal):
        anew(stray, engineer, lot, **words)
    assert figures() == before
    assert not Run.objects.filter(is_withdrawn=True).exists()
    assert again(RawFile.objects.get(run=stray)).state == FileState.LOADED


def test_a_step_of_another_route_is_refused(stray: Run, engineer: User) -> None:
    other = Step.objects.exclude(route_version=step().route_version).order_by("pk")[0]
    found = NewMatch(Lot.objects.get(code="W2"), other)
    with pytest.raises(MalformedError):
        match_run_anew(run=stray, to=found, reason=WHY, actor=engineer, op_key="k")


def test_it_needs_the_right_and_a_reason(stray: Run, engineer: User) -> None:
    stranger = User.objects.create_user("stranger")
    with pytest.raises(ForbiddenError):
        anew(stray, stranger)
    with pytest.raises(RefusedError):
        take_back_run(run=stray, reason=" ", actor=engineer, op_key="k")


def test_a_run_without_a_file_cannot_be_matched(stray: Run, engineer: User) -> None:
    RawFile.objects.filter(run=stray).update(sha256="0" * 64)
    with pytest.raises(MissingError):
        anew(stray, engineer)


# --- taking back


def test_a_run_taken_back_leaves_its_file_waiting_for_a_person(stray: Run, engineer: User) -> None:
    take_back_run(run=stray, reason=WHY, actor=engineer, op_key="k")
    take_back_run(run=stray, reason=WHY, actor=engineer, op_key="k")
    file = RawFile.objects.get(sha256=stray.source_sha256)
    wafer_lot("W9", step="CP1")
    drain()
    loaded(STRAY, "again.stdf")
    file = again(file)
    assert (file.state, file.run, file.lot) == (FileState.UNMATCHED, None, None)
    assert file.message == f"Its run was taken back by engineer: {WHY} Match it by hand."


def test_matched_by_hand_it_is_loaded_where_it_belongs(stray: Run, engineer: User) -> None:
    take_back_run(run=stray, reason=WHY, actor=engineer, op_key="k")
    file = RawFile.objects.get(sha256=stray.source_sha256)
    match_file(file=file, lot=Lot.objects.get(code="W2"), step=step(), actor=engineer)
    drain()
    assert run_of(file).lot_step.lot.code == "W2"


# --- what it would do


def test_a_trial_tells_the_figures_of_both_lots_and_changes_nothing(
    stray: Run, engineer: User
) -> None:
    before, files = figures(), set(ReadingFile.objects.values_list("path", flat=True))
    left, reached = try_match_anew(run=stray, to=to("W2"), actor=engineer).effects
    assert (left.lot, left.before, left.after) == ("W1", Figures(9, 6, 7), Figures(5, 3, 3))
    assert (reached.lot, reached.before, reached.after) == (
        "W2", Figures(0, 0, 0), Figures(8, 6, 6),
    )  # fmt: skip
    assert figures() == before
    folders = default_storage.listdir("readings/product=TRN3-DIE/step=CP1")[0]
    assert (
        folders == ["lot=W1"]
        or not default_storage.listdir("readings/product=TRN3-DIE/step=CP1/lot=W2")[1]
    )
    assert all(default_storage.exists(path) for path in files)


def test_a_trial_of_taking_back_changes_nothing(stray: Run, engineer: User) -> None:
    before = figures()
    (effect,) = try_take_back(run=stray, actor=engineer).effects
    assert effect.after == Figures(5, 3, 3)
    assert figures() == before


def test_many_are_tried_and_matched_anew(stray: Run, engineer: User) -> None:
    other = run_of(loaded(sort_file(lot="W2", wafers=("3",), **WORDS), "good.stdf"))
    ids = [stray.pk, other.pk]
    tried = try_match_many(run_ids=ids, to=to("W2"), actor=engineer)
    assert [(one.lot, one.is_changed) for one in tried] == [("W2", True), ("W2", False)]
    for _ in range(2):
        outcome = match_many_anew(
            run_ids=ids, to=to("W2"), reason=WHY, actor=engineer, op_key="many"
        )
        assert outcome.done == 1
        assert [name for name, _ in outcome.refused] == ["good.stdf"]
    assert Run.objects.filter(is_withdrawn=True).count() == 1


def test_a_trial_of_many_says_what_would_not_match(stray: Run, engineer: User) -> None:
    wafer_lot("W3", step="CP1", wafers=1)
    (tried,) = try_match_many(run_ids=[stray.pk], to=to("W3"), actor=engineer)
    assert "has no wafer 2" in tried.reason
    assert not tried.is_changed


# --- beside each other, and broken off


@pytest.fixture
def committed(material_on_disk: Path) -> Run:
    wafer_lot("W1", step="CP1")
    wafer_lot("W2", step="CP1")
    return run_of(loaded(STRAY, "stray.stdf"))


@pytest.mark.django_db(transaction=True)
def test_at_once_it_is_matched_anew_once(committed: Run) -> None:
    user = User.objects.create_superuser("chief")

    def act(key: str) -> str:
        try:
            return str(anew(committed, user, key=key).key)
        except ConflictError as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(act, ["k", "k", "other", "third"]))
    assert Run.objects.filter(source_sha256=committed.source_sha256).count() == 2
    assert set(told) == {f"{committed.key}-2", "ConflictError"}


@pytest.mark.django_db(transaction=True)
def test_broken_off_in_the_middle_the_old_run_stands(
    committed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = User.objects.create_superuser("chief")
    real = states.settle

    def dies(*arguments: Any) -> None:
        real(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(rematching, "settle", dies)
    with pytest.raises(KeyboardInterrupt):
        anew(committed, user)
    monkeypatch.undo()
    assert Run.objects.get() == committed
    assert RawFile.objects.get().run == committed
    assert anew(committed, user).edition == 2
