"""A step that is told late counts as if it had been told in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import pytest
from django.utils import timezone

from lots.domain.commands import Selection
from lots.domain.orders import TrackOutOrder
from lots.domain.words import LotPurpose
from lots.models import Event, Lot, QueueClock, RouteVersion
from lots.selectors.placing import placing_events
from lots.selectors.verifying import first_fault
from lots.services import (
    correct_event,
    merge_lots,
    move_lot,
    record_late_move,
    reroute_lot,
    rework_in,
    rework_out,
    scrap_units,
    split_lot,
    track_out,
)
from lots.tests.clocks_run import clocks_kept, clocks_run_anew
from lots.tests.making import T0, again, command, counted_lot
from lots.tests.routing import draft_version, limited, released_route
from lots.tests.test_queue_limits import LIMIT, begin, limited_route
from quality.detectors.queues import QueueTimePassed
from quality.models import PendingReview
from quality.selectors.step_flow import step_results
from quality.services import follow_ledger

pytestmark = pytest.mark.usefixtures("rules", "clocks_are_as_run")

WAY = (("SFT", 5), ("TRAY", 40), ("ICT", 48))


@pytest.fixture
def clocks_are_as_run(rules: None) -> Iterator[None]:
    yield
    assert clocks_kept() == clocks_run_anew()
    assert first_fault() is None


def tell(lot: Lot, code: str, hours: float) -> Event:
    """A move, as a feed tells it: late when the lot went on since."""
    asked = command(hours=hours, reason="told")
    to_step = again(lot).route_version.steps.get(code=code)
    later = placing_events(lot).filter(occurred_at__gt=asked.occurred_at)
    last = later.order_by("-occurred_at", "-seq").first()
    if last is None:
        return move_lot(lot=again(lot), to_step=to_step, command=asked)
    return record_late_move(lot=again(lot), to_step=to_step, overtaken_by=last, command=asked)


def hours_of(moment: Any) -> float:
    return float((moment - T0).total_seconds() / 3600)


def clocks(lot: Lot) -> list[tuple[str, float, float | None]]:
    rows = QueueClock.objects.filter(lot=lot).select_related("limit__from_step", "ended_by")
    return sorted(
        (
            str(one.limit), hours_of(one.since),
            hours_of(one.ended_by.occurred_at) if one.ended_by else None,
        )
        for one in rows
    )  # fmt: skip


def found(lot: Lot) -> list[str]:
    findings = QueueTimePassed().judge([lot.pk], {}, timezone.now())
    return sorted(one.title.removeprefix(lot.code) for one in findings)


def known(lot: Lot) -> tuple[Any, ...]:
    flows = [(one.step.code, one.flow) for one in step_results(lot.pk)]
    return clocks(lot), flows, found(lot)


def told(code: str, moves: Sequence[tuple[str, float]]) -> Lot:
    lot = counted_lot(code)
    for place, hours in moves:
        tell(lot, place, hours)
    return lot


def timed_route() -> RouteVersion:
    """Limits at the steps and between them; what breaks one is flagged."""
    version = draft_version(
        "D",
        {"code": "RCV", "gate_mode": "flag", "queue_hours_max": 6},
        {"code": "SFT", "gate_mode": "flag", "queue_hours_max": 20},
        {"code": "TRAY", "gate_mode": "flag"},
        {"code": "ICT", "gate_mode": "flag", "queue_hours_max": 2},
    )
    for limit in (LIMIT, ("SFT", "ICT", 4.0), ("RCV", "ICT", 30.0)):
        limited(version, *limit)
    version.state, version.released_at = "released", T0
    version.save()
    return version


@pytest.mark.parametrize("moves", list(permutations(WAY)))
def test_in_whatever_order_moves_come_lots_are_known_alike(moves: Sequence[Any]) -> None:
    timed_route()
    lots = [told("N1", WAY), told("N2", moves)]
    for lot in lots:
        begin(lot, 52)
        asked = command(hours=6, reason="handling")
        scrap_units(lot=again(lot), selection=Selection(2), command=asked)
    in_time, late = (known(lot) for lot in lots)
    assert late == in_time
    assert in_time[2] == [
        " waited in vain for TRAY 43 hours after RCV",
        " was begun at ICT 12 hours after SFT",
        " was begun at ICT 47 hours after RCV",
        " was begun at ICT after 4 hours",
        " went on from SFT after 35 hours",
    ]


def test_a_wait_that_a_late_move_reveals_is_found() -> None:
    limited_route(mode="flag")
    lot = told("N1", [("TRAY", 40)])
    begin(lot, 41)
    assert found(lot) == []
    tell(lot, "SFT", 5)
    assert found(lot) == [" was begun at TRAY 36 hours after RCV"]


def test_a_wait_that_a_late_move_disproves_is_not_found() -> None:
    limited_route(mode="flag")
    lot = told("N1", [("SFT", 1), ("TRAY", 40)])
    begin(lot, 41)
    assert found(lot) == [" was begun at TRAY 40 hours after RCV"]
    back = tell(lot, "RCV", 30)
    assert (found(lot), clocks(lot)[-1]) == ([], ("RCV to TRAY within 24 h", 40, 41))
    correct_event(event=back, command=command(hours=50, reason="typo"))
    assert found(lot) == [" was begun at TRAY 40 hours after RCV"]


def test_a_wait_at_a_step_that_a_late_move_cuts_short_is_not_found() -> None:
    timed_route()
    lot = told("N1", [("TRAY", 10)])
    assert found(lot) == [" went on from RCV after 10 hours"]
    tell(lot, "SFT", 5)
    assert found(lot) == []


def test_work_told_at_the_step_stands_against_a_late_move() -> None:
    timed_route()
    lot = counted_lot()
    begin(lot, 7)
    track_out(lot=again(lot), order=TrackOutOrder("TRAY"), command=command(hours=9))
    tell(lot, "SFT", 8)
    assert found(lot) == [" was begun at RCV after 7 hours"]


def test_work_begun_after_a_late_move_is_where_that_led() -> None:
    timed_route()
    lot = counted_lot()
    begin(lot, 30)
    track_out(lot=again(lot), order=TrackOutOrder("TRAY"), command=command(hours=31))
    tell(lot, "SFT", 5)
    assert found(lot) == [" was begun at SFT after 25 hours"]


def test_where_the_way_on_was_corrected_the_lot_waits_where_the_late_move_led() -> None:
    timed_route()
    lot = told("N1", [("TRAY", 40)])
    gone = Event.objects.get(verb="move")
    tell(lot, "SFT", 8)
    correct_event(event=gone, command=command(hours=50, reason="typo"))
    assert found(lot) == [" went on from RCV after 8 hours"]
    begin(lot, 60)
    assert found(lot) == [" was begun at SFT after 52 hours", " went on from RCV after 8 hours"]


@pytest.mark.parametrize("is_late", [False, True])
def test_what_came_of_the_lot_since_has_its_clocks(is_late: bool) -> None:
    limited_route(LIMIT, ("RCV", "ICT", 60), mode="flag")
    lot, other = (
        told("N1", [("TRAY", 40)] if is_late else [("SFT", 5), ("TRAY", 40)]),
        told("N2", [("SFT", 30), ("TRAY", 35)]),
    )
    split_lot(lot=again(lot), child_code="N3", selection=Selection(3), command=command(hours=41))
    part = Lot.objects.get(code="N3")
    split_lot(lot=part, child_code="N4", selection=Selection(1), command=command(hours=42))
    merge_lots(into=other, lots=[part], command=command(hours=43))
    if is_late:
        tell(lot, "SFT", 5)
    assert {hours for _, hours, _ in clocks(Lot.objects.get(code="N4"))} == {5}
    assert {hours for _, hours, _ in clocks(other)} == {5, 30}
    assert {ended for _, _, ended in clocks(part)} == {43}


def test_engineering_lots_told_late_are_not_found() -> None:
    timed_route()
    lot = counted_lot(purpose=LotPurpose.ENGINEERING)
    tell(lot, "TRAY", 40)
    tell(lot, "SFT", 5)
    assert found(lot) == []


@pytest.mark.parametrize(("place", "titles"), [
    ("SFT", []),
    ("TRAY", [" waited in vain for TRAY 36 hours after RCV"]),
])  # fmt: skip
def test_another_version_ends_the_wait_for_the_step_where_the_lot_stands_alone(
    place: str, titles: list[str]
) -> None:
    version = limited_route(mode="flag")
    lot = counted_lot()
    assert lot.route_version == version
    tell(lot, place, 5 if place == "SFT" else 40)
    if place == "TRAY":
        tell(lot, "SFT", 5)
    asked = command(hours=41, reason="new")
    other = limited_route(("SFT", "ICT", 9), mode="flag")
    reroute_lot(lot=again(lot), to_version=other, to_step_code=place, command=asked)
    assert found(lot) == titles


def test_what_came_of_the_lot_is_looked_at_again() -> None:
    limited_route(mode="flag")
    lot = told("N1", [("TRAY", 40)])
    split_lot(lot=again(lot), child_code="N3", selection=Selection(3), command=command(hours=41))
    follow_ledger(now=timezone.now())
    for hours in (5, None):
        PendingReview.objects.all().delete()
        tell(lot, "SFT", hours) if hours else undo_late_move()
        follow_ledger(now=timezone.now())
        assert set(PendingReview.objects.values_list("lot__code", flat=True)) == {"N1", "N3"}


def undo_late_move() -> Event:
    late = Event.objects.get(verb="late-move")
    return correct_event(event=late, command=command(hours=50, reason="typo"))


def test_a_lot_that_was_on_rework_is_told_late() -> None:
    timed_route()
    released_route("POLISH", {"code": "STRIP"}, is_rework=True)
    lots = [told("N1", [("SFT", 5), ("TRAY", 40)]), told("N2", [("TRAY", 40)])]
    for lot in lots:
        asked = command(hours=41, reason="contact")
        rework_out(
            lot=again(lot), route_code="POLISH", step_code="STRIP", return_step_code="SFT",
            command=asked,
        )  # fmt: skip
        rework_in(lot=again(lot), command=command(hours=42))
        tell(lot, "ICT", 48)
    tell(lots[1], "SFT", 5)
    in_time, late = (known(lot) for lot in lots)
    assert late == in_time


def test_late_waits_are_found_in_as_many_queries_for_many_lots(
    django_assert_num_queries: Any,
) -> None:
    timed_route()
    lots = [told(f"N{number}", WAY) for number in range(6)]
    ids = [lot.pk for lot in lots]
    with django_assert_num_queries(12) as one:
        assert QueueTimePassed().judge(ids[:1], {}, timezone.now())
    with django_assert_num_queries(len(one)):
        assert len(QueueTimePassed().judge(ids, {}, timezone.now())) == 6 * 2
