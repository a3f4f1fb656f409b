"""The time from the end of one step to the start of a later one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lots.domain.commands import Selection
from lots.domain.errors import GateError
from lots.domain.orders import TrackOutOrder
from lots.domain.words import Gate, VersionState
from lots.models import Event, Lot, QueueLimit, RouteVersion, Step, WaiverUse
from lots.selectors.comparing import compare_routes
from lots.selectors.queues import Clock, clocks_of, with_clocks
from lots.services import (
    correct_event,
    merge_lots,
    move_lot,
    reroute_lot,
    rework_in,
    rework_out,
    split_lot,
)
from lots.services.releasing import draft_route, release_route
from lots.services.tracking import track_in, track_out
from lots.tests.making import T0, again, command, counted_lot
from lots.tests.permitting import person, standing
from lots.tests.routing import draft_version, limited, released_route
from supplychain.base.errors import RefusedError

pytestmark = pytest.mark.usefixtures("catalogue", "clocks_run_alike")

CODES = ("RCV", "SFT", "TRAY", "ICT")
LIMIT: tuple[str, str, float] = ("RCV", "TRAY", 24)


def limited_route(*limits: tuple[str, str, float], mode: str = "stop") -> RouteVersion:
    """RCV, SFT, TRAY, ICT; what begins too late is stopped."""
    version = draft_version("D", *({"code": code, "gate_mode": mode} for code in CODES))
    for limit in limits or (LIMIT,):
        limited(version, *limit)
    version.state, version.released_at = VersionState.RELEASED, T0
    version.save()
    return version


def begin(lot: Lot, hours: float) -> Event:
    return track_in(lot=again(lot), command=command(hours=hours))


def work(lot: Lot, hours: float) -> Event:
    """At its step, for an hour until this one."""
    begin(lot, hours - 1)
    return track_out(lot=again(lot), order=TrackOutOrder(), command=command(hours=hours))


def clocks(lot: Lot) -> list[Clock]:
    return clocks_of(with_clocks(Lot.objects.filter(pk=lot.pk)).get())


def since(lot: Lot) -> list[float]:
    return [(clock.since - T0).total_seconds() / 3600 for clock in clocks(lot)]


def lot_before_tray(code: str = "N1", left: float = 1) -> Lot:
    """It left RCV after so many hours, and SFT two hours later."""
    lot = counted_lot(code)
    work(lot, left)
    work(lot, left + 2)
    return again(lot)


def test_a_clock_runs_from_the_end_of_the_step() -> None:
    limited_route()
    lot = counted_lot()
    begin(lot, 0.5)
    assert clocks(lot) == []
    track_out(lot=again(lot), order=TrackOutOrder(), command=command(hours=1))
    clock = clocks(lot)[0]
    assert (clock.from_code, clock.to_code, clock.hours_max) == LIMIT
    assert (clock.until - T0).total_seconds() / 3600 == 25


@pytest.mark.parametrize(("hours", "is_stopped"), [(25, False), (25.5, True)])
def test_work_that_begins_too_late_is_stopped(hours: float, is_stopped: bool) -> None:
    limited_route()
    lot = lot_before_tray()
    if is_stopped:
        with pytest.raises(GateError, match=r"24\.5 hours since the end of RCV, 24 allowed"):
            begin(lot, hours)
        assert again(lot).tracked_in_at is None
    else:
        begin(lot, hours)
        assert clocks(lot) == []


def test_a_gate_that_flags_lets_it_begin() -> None:
    limited_route(mode="flag")
    lot = lot_before_tray()
    begin(lot, 99)
    assert again(lot).tracked_in_at is not None


def test_a_lot_does_not_leave_unworked_too_late() -> None:
    limited_route()
    lot = lot_before_tray()
    ict = lot.route_version.steps.get(code="ICT")
    with pytest.raises(GateError, match="since the end of RCV"):
        move_lot(lot=lot, to_step=ict, command=command(hours=40))


def test_a_waiver_for_the_wait_lets_it_begin_once() -> None:
    limited_route()
    lot = lot_before_tray()
    waiver = standing(lot, gate=Gate.QUEUE_TIME, valid_from=T0)
    begin(lot, 30)
    assert WaiverUse.objects.get().waiver == waiver


def test_a_correction_lets_the_clock_run_again() -> None:
    limited_route()
    lot = lot_before_tray()
    event = begin(lot, 5)
    correct_event(event=event, command=command(hours=6, reason="typo"))
    assert since(lot) == [1]


def test_a_corrected_track_out_began_nothing() -> None:
    limited_route()
    lot = counted_lot()
    event = work(lot, 1)
    correct_event(event=event, command=command(hours=2, reason="typo"))
    assert clocks(lot) == []
    work_again = TrackOutOrder()
    track_out(lot=again(lot), order=work_again, command=command(hours=3))
    assert since(lot) == [3]


def test_a_lot_back_at_the_first_step_has_no_clock_until_it_leaves_again() -> None:
    limited_route()
    lot = lot_before_tray()
    rcv = lot.route_version.steps.get(code="RCV")
    move_lot(lot=lot, to_step=rcv, command=command(hours=4, reason="again"))
    assert clocks(lot) == []
    work(lot, 6)
    assert since(lot) == [6]


def sent_to_rework(lot: Lot, back: str) -> None:
    released_route("RW", {"code": "CLEAN"}, is_rework=True)
    rework_out(
        lot=lot, route_code="RW", step_code="CLEAN", return_step_code=back,
        command=command(hours=5, reason="contact"),
    )  # fmt: skip


def test_on_rework_the_clock_goes_on_until_the_step_is_left_again() -> None:
    limited_route()
    lot = lot_before_tray()
    sent_to_rework(lot, "RCV")
    assert clocks(lot) == []
    rework_in(lot=again(lot), command=command(hours=6))
    work(lot, 8)
    assert since(lot) == [8]


def test_on_rework_beyond_the_step_the_clock_goes_on() -> None:
    limited_route()
    lot = lot_before_tray()
    sent_to_rework(lot, "SFT")
    assert since(lot) == [1]


def test_what_is_split_off_takes_the_clock_along() -> None:
    limited_route()
    lot = lot_before_tray()
    split_lot(lot=lot, child_code="N1.1", selection=Selection(3), command=command(hours=4))
    child = Lot.objects.get(code="N1.1")
    begin(again(lot), 5)
    assert (since(child), clocks(lot)) == ([1], [])


def test_a_merged_lot_goes_by_the_oldest_clock() -> None:
    limited_route()
    early, late = lot_before_tray("N1", 1), lot_before_tray("N2", 10)
    merge_lots(into=late, lots=[early], command=command(hours=13))
    assert since(late) == [1]
    with pytest.raises(GateError, match=r"24\.5 hours"):
        begin(late, 25.5)


def test_another_version_takes_over_the_clock_that_it_has_too() -> None:
    limited_route(LIMIT, ("RCV", "ICT", 90))
    lot = lot_before_tray()
    other = limited_route(("RCV", "TRAY", 30))
    event = reroute_lot(
        lot=lot, to_version=other, to_step_code="TRAY", command=command(hours=4, reason="new")
    )
    assert [(clock.to_code, clock.hours_max) for clock in clocks(lot)] == [("TRAY", 30)]
    correct_event(event=event, command=command(hours=5, reason="typo"))
    assert [clock.hours_max for clock in clocks(lot)] == [24, 90]


def test_two_limits_to_one_step_are_both_asked() -> None:
    limited_route(LIMIT, ("SFT", "TRAY", 5))
    lot = lot_before_tray()
    assert [clock.from_code for clock in clocks(lot)] == ["SFT", "RCV"]
    with pytest.raises(GateError, match=r"27\.0 hours since the end of SFT, 5 allowed"):
        begin(lot, 30)


def test_engineering_lots_and_gates_off_show_no_clock() -> None:
    limited_route(mode="off")
    lot = lot_before_tray()
    begin(lot, 99)
    assert clocks(lot) == []


def test_a_draft_takes_the_limits_along() -> None:
    draft = draft_route(version=limited_route(), actor=person("ann"))
    assert [str(limit) for limit in draft.queue_limits.all()] == ["RCV to TRAY within 24 h"]


def test_a_changed_limit_is_seen_in_the_comparison() -> None:
    first, second = limited_route(), limited_route(("RCV", "TRAY", 30))
    (row,) = (row for row in compare_routes(first, second) if row.changes)
    assert [(cell.name, cell.before, cell.after) for cell in row.changes] == [
        ("Work begins", "within 24 h of the end of RCV", "within 30 h of the end of RCV")
    ]


def test_a_limit_whose_steps_changed_places_is_not_released() -> None:
    draft = draft_version("D", {"code": "RCV"}, {"code": "TRAY"}, prepared_by=person("ann"))
    limited(draft, *LIMIT)
    draft.steps.filter(code="RCV").update(sequence=90)
    with pytest.raises(RefusedError, match="limits the time from RCV to TRAY"):
        release_route(version=draft, actor=person("ben"))


def released_behind_the_service() -> None:
    draft = draft_version("D", {"code": "RCV"}, {"code": "TRAY"})
    limited(draft, *LIMIT)
    draft.steps.filter(code="RCV").update(sequence=90)
    RouteVersion.objects.filter(pk=draft.pk).update(state="released", released_at=T0)


def across_versions() -> None:
    one = draft_version("D", {"code": "RCV"}, {"code": "TRAY"})
    other = draft_version("D", {"code": "RCV"}, {"code": "TRAY"})
    QueueLimit.objects.create(
        route_version=one,
        from_step=one.steps.get(code="RCV"),
        to_step=other.steps.get(code="TRAY"),
        hours_max=1,
    )


REFUSED: dict[str, tuple[str, Callable[[], Any]]] = {
    "the wrong way": (
        "earlier one first",
        lambda: limited(draft_version("D", {"code": "A"}, {"code": "B"}), "B", "A", 1),
    ),
    "across versions": ("earlier one first", across_versions),
    "in no time": (
        "lots_queuelimit_hours",
        lambda: limited(draft_version("D", {"code": "A"}, {"code": "B"}), "A", "B", 0),
    ),
    "added to a release": (
        "draft a new version instead",
        lambda: limited(limited_route(), "RCV", "ICT", 1),
    ),
    "changed in a release": (
        "draft a new version instead",
        lambda: limited_route().queue_limits.update(hours_max=99),
    ),
    "dropped from a release": (
        "draft a new version instead",
        lambda: limited_route().queue_limits.all().delete(),
    ),
    "released out of order": ("earlier one first", released_behind_the_service),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses_a_limit(name: str) -> None:
    said, write = REFUSED[name]
    with pytest.raises(IntegrityError, match=said), transaction.atomic():
        write()


def test_a_limit_is_checked_where_it_is_written() -> None:
    draft = draft_version("D", {"code": "RCV"}, {"code": "TRAY"})
    steps = {step.code: step for step in draft.steps.all()}
    odd = QueueLimit(route_version=draft, from_step=steps["TRAY"], to_step=steps["RCV"])
    with pytest.raises(Exception, match="must come before"):
        odd.clean()
    odd.to_step = Step.objects.filter(route_version__route__code="A")[0]
    with pytest.raises(Exception, match="on this version"):
        odd.clean()
