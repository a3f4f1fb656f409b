"""Programs compared, ovens and their sockets, and results expected against received."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from intake.models import RawFile
from operations.selectors import ovens
from operations.selectors.burnin import burn_in_view
from operations.selectors.received import results_of_lot
from operations.tests.line import Line
from testing.domain.burnin_series import Sample
from testing.domain.words import EquipmentKind, Outcome
from testing.models import (
    BinDefinition,
    BurnInRequirement,
    BurnInUnit,
    Equipment,
    Parameter,
    Program,
    ProgramRevision,
    Run,
)
from testing.services import OvenLog, record_board_layout, record_oven_log

pytestmark = pytest.mark.django_db


@pytest.fixture
def engineer(line: Line, as_role: Callable[[str], Client]) -> Client:
    return as_role("Test engineer")


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# --- programs


@pytest.fixture
def revisions(line: Line) -> tuple[ProgramRevision, ProgramRevision]:
    """B tightens vdd, drops idd, adds leak, and lets bin 5 pass."""
    product = Run.objects.earliest("pk").revision.program.product
    program = Program.objects.create(code="TRN_FT", product=product)
    old = ProgramRevision.objects.create(program=program, revision="A")
    new = ProgramRevision.objects.create(program=program, revision="B")
    for revision, number, text, low in (
        (old, 1, "vdd", 0.7), (old, 2, "idd", 0), (new, 1, "vdd", 0.72), (new, 3, "leak", 0),
    ):  # fmt: skip
        Parameter.objects.create(
            revision=revision, number=number, text=text, kind="parametric", units="V",
            limit_low=low, limit_high=0.8,
        )  # fmt: skip
    BinDefinition.objects.create(revision=old, kind="hard", number=5, name="OPEN", passes=False)
    BinDefinition.objects.create(revision=new, kind="hard", number=5, name="OPEN", passes=True)
    return old, new


def test_a_revision_is_compared_with_the_one_before_it(
    engineer: Client, revisions: tuple[ProgramRevision, ProgramRevision]
) -> None:
    text = text_of(engineer, f"/programs/{revisions[1].pk}")
    assert "1 added, 1 removed, 1 tightened" in text
    assert "OPEN, fails" in text
    assert "OPEN, passes" in text


def test_a_revision_is_compared_with_one_chosen(
    engineer: Client, revisions: tuple[ProgramRevision, ProgramRevision]
) -> None:
    old, new = revisions
    assert "1 loosened" in text_of(engineer, f"/programs/{old.pk}?with={new.pk}")
    assert "Every test and limit is the same." in text_of(
        engineer, f"/programs/{old.pk}?with={old.pk}"
    )


def test_programs_are_listed_with_their_release(
    engineer: Client, revisions: tuple[ProgramRevision, ProgramRevision]
) -> None:
    text = text_of(engineer, "/programs?product=TRN3-DIE&q=TRN_FT")
    assert f"/programs/{revisions[1].pk}" in text
    assert "No program revision fits" in text_of(engineer, "/programs?q=TRN_FT&state=waiting")
    assert "No program revision fits" in text_of(engineer, "/programs?q=TRN_FT&state=released")
    assert engineer.get("/programs?state=x").status_code == 404
    assert engineer.get("/programs?page=9").status_code == 404


def test_a_release_takes_two_people(
    engineer: Client,
    revisions: tuple[ProgramRevision, ProgramRevision],
    as_role: Callable[[str], Client],
) -> None:
    page = f"/programs/{revisions[1].pk}"
    assert engineer.post(f"{page}/prepare", {"reason": ""}).status_code == 422
    answer = engineer.post(f"{page}/prepare", {"reason": "gold units"}, follow=True)
    assert "Waits for another person" in answer.content.decode()
    assert engineer.post(f"{page}/release").status_code == 403
    engineer.post(f"{page}/withdraw")
    engineer.post(f"{page}/prepare", {"reason": "gold units again"})
    text = as_role("Quality").post(f"{page}/release", follow=True).content.decode()
    assert "is released" in text
    assert "gold units again" in text


def test_a_revision_is_retired(
    engineer: Client, revisions: tuple[ProgramRevision, ProgramRevision]
) -> None:
    page = f"/programs/{revisions[0].pk}"
    assert "is retired" in engineer.post(f"{page}/retire", follow=True).content.decode()
    assert engineer.post(f"{page}/forget").status_code == 404
    assert engineer.get(f"{page}/retire").status_code == 302


def test_a_run_says_whether_its_program_was_released(engineer: Client) -> None:
    run = Run.objects.earliest("pk")
    assert "Program not released when it ran" in text_of(engineer, f"/runs/{run.source_sha256}")


def test_the_first_revision_has_none_to_compare_with(
    engineer: Client, revisions: tuple[ProgramRevision, ProgramRevision]
) -> None:
    assert "first revision seen" in text_of(engineer, f"/programs/{revisions[0].pk}")


def test_another_program_is_no_comparison(
    engineer: Client, revisions: tuple[ProgramRevision, ProgramRevision]
) -> None:
    other = Run.objects.earliest("pk").revision_id
    assert engineer.get(f"/programs/{revisions[0].pk}?with={other}").status_code == 404
    assert engineer.get("/programs/999999").status_code == 404


# --- ovens


def test_ovens_boards_and_sockets_are_listed(engineer: Client, line: Line) -> None:
    oven = line.burn_in.oven
    assert f'href="/burn-in/equipment/{oven.pk}">{oven.code}</a>' in text_of(
        engineer, "/burn-in/ovens"
    )


def test_an_oven_shows_its_loads_and_its_sockets(engineer: Client, line: Line) -> None:
    text = text_of(engineer, f"/burn-in/equipment/{line.burn_in.oven_id}")
    assert f'href="/burn-in/{line.burn_in.pk}"' in text
    board = BurnInUnit.objects.filter(run=line.burn_in).earliest("pk").board
    assert f"{board.code} / " in text
    assert line.burn_in.lot_step.lot.code in text_of(engineer, f"/burn-in/equipment/{board.pk}")


def test_a_unit_that_failed_once_is_told_to_be_open(engineer: Client, line: Line) -> None:
    BurnInUnit.objects.filter(run=line.burn_in).update(outcome=Outcome.PASS)
    load = BurnInUnit.objects.filter(run=line.burn_in).select_related("unit").earliest("pk")
    BurnInUnit.objects.filter(pk=load.pk).update(outcome=Outcome.FAIL)
    report = ovens.fault_report()
    assert [(unit.serial, unit.fault) for unit in report.units] == [(load.unit.serial, "open")]
    assert report.suspect_count == 0
    assert "try it in another socket" in text_of(engineer, "/burn-in/ovens")


def test_an_oven_without_a_load_says_so(engineer: Client, line: Line) -> None:
    idle = Equipment.objects.create(kind=EquipmentKind.OVEN, code="IDLE")
    assert "Nothing was burnt in here yet." in text_of(engineer, f"/burn-in/equipment/{idle.pk}")


def test_a_tester_is_no_oven(engineer: Client, line: Line) -> None:
    tester = Equipment.objects.filter(kind=EquipmentKind.TESTER).earliest("pk")
    assert engineer.get(f"/burn-in/equipment/{tester.pk}").status_code == 404


# --- expected and received


def test_what_came_and_what_is_missing_is_told_step_by_step(engineer: Client, line: Line) -> None:
    lot = Run.objects.earliest("pk").lot_step.lot
    steps = {one.step.code: one for one in results_of_lot(lot)}
    measured = Run.objects.earliest("pk").lot_step.step.code
    assert steps[measured].runs
    text = text_of(engineer, f"/lots/{lot.code}/results")
    assert measured in text
    assert f'href="/lots/{lot.code}/results"' in text_of(engineer, f"/lots/{lot.code}")


def test_a_burn_in_load_counts_as_received(engineer: Client, line: Line) -> None:
    lot = line.burn_in.lot_step.lot
    assert f"oven {line.burn_in.oven.code}" in text_of(engineer, f"/lots/{lot.code}/results")


def test_a_file_of_the_lot_that_waits_is_shown(engineer: Client, line: Line) -> None:
    lot = Run.objects.earliest("pk").lot_step.lot
    file = RawFile.objects.create(
        sha256="f" * 64, size=1, name="late.stdf", kind="stdf", storage_path="x",
        state="unmatched", summary={"header": {"lot": lot.code}},
    )  # fmt: skip
    assert f"/files/{file.sha256}" in text_of(engineer, f"/lots/{lot.code}/results")


def test_a_load_shows_read_points_and_what_later_logs_changed(line: Line, engineer: Client) -> None:
    load = line.burn_in
    BurnInRequirement.objects.update(read_point_hours=[1, 4000])
    hot = [Sample(load.started_at, 90.0), Sample(load.finished_at, 91.0)]
    (recount,) = record_oven_log(OvenLog(load.oven.code, hot, [], "d" * 64, "ov.ovenlog.csv"))
    text = text_of(engineer, f"/burn-in/{load.pk}")
    assert "not reached in this load" in text
    assert "1.0 h proven" in text
    assert "ov.ovenlog.csv" in text
    assert f"{recount.hours:.2f} h" in text


def test_a_load_with_more_gaps_than_can_be_shaded_says_so(
    line: Line, engineer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = line.burn_in
    every, gap = timedelta(minutes=1), timedelta(minutes=2)
    cold = [Sample(load.started_at + every * number, 0.0) for number in range(0, 60, 20)]
    record_oven_log(OvenLog(load.oven.code, cold, [], "d" * 64, "ov.ovenlog.csv"))
    assert "too many to shade" not in text_of(engineer, f"/burn-in/{load.pk}")
    monkeypatch.setattr("operations.selectors.burnin.SHADED_MAX", 1)
    view = burn_in_view(load)
    assert view.unshaded_count > 0
    for panel, stretches in zip(
        view.chart["panels"], view.proof.interruptions.values(), strict=True
    ):
        longest = max((one.end - one.start for one in stretches), default=gap)
        assert [round((end - start) / 1000) for start, end in panel["lost"]] == [
            round(longest.total_seconds())
        ] * min(1, len(stretches))
    assert "too many to shade" in text_of(engineer, f"/burn-in/{load.pk}")


def test_an_oven_has_a_map_of_its_sockets(line: Line, engineer: Client) -> None:
    load = line.burn_in.units.order_by("board__code", "socket").first()
    assert load is not None
    BurnInUnit.objects.filter(pk=load.pk).update(outcome=Outcome.FAIL)
    text = text_of(engineer, f"/burn-in/equipment/{line.burn_in.oven_id}")
    assert f"Socket {load.socket}: failed 1 of 1 loads" in text
    assert "sc-socket-fail" in text
    boards = ovens.board_maps(line.burn_in.oven)
    assert sum(len(board.sockets) for board in boards) == line.burn_in.units.count()
    assert [board.code for board in ovens.board_maps(load.board)] == [load.board.code]


def test_sockets_are_drawn_by_the_layout_of_their_board(line: Line, engineer: Client) -> None:
    first, last = line.burn_in.units.order_by("socket")[0], line.burn_in.units.latest("socket")
    rows = [["NOBODY", first.socket], ["", "FREE"]]
    record_board_layout(code="BIB-A", sockets=rows, boards=[first.board.code])
    for address in (f"/burn-in/{line.burn_in.pk}", f"/burn-in/equipment/{line.burn_in.oven_id}"):
        text = text_of(engineer, address)
        assert f"Board {first.board.code} by its layout" in text
        assert "Socket FREE: nothing was in it" in text
        assert "does not have these sockets" in text
    (board,) = [one for one in ovens.board_maps(first.board) if one.code == first.board.code]
    assert board.grid is not None
    assert [[cell.name for cell in row] for row in board.grid.rows] == rows
    assert last.socket in {one.name for one in board.grid.off}
    rows = [[one.name for one in board.sockets]]
    record_board_layout(code="BIB-A", sockets=rows, boards=[])
    assert "does not have these" not in text_of(engineer, f"/burn-in/{line.burn_in.pk}")
