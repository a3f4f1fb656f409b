from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from lots.domain.commands import Selection
from lots.domain.errors import GateError
from lots.domain.words import Gate, LotPurpose, Verb
from lots.models import Event, Lot, Step, Waiver, WaiverUse
from lots.selectors import gates
from lots.selectors.gates import (
    closed_gates,
    missing_results,
    register_gate,
    steps_left,
    waivers_of,
)
from lots.services import move_lot, receive_shipment, reroute_lot, ship_lot, split_lot
from lots.services.frame import Draft, locked_lot, once
from lots.services.gating import refuse_overtime
from lots.services.waiving import revoke_waiver
from lots.tests.making import T0, again, command, counted_lot, supplier
from lots.tests.permitting import DAY, asked, granted, guarded_lot, passing, person, standing
from lots.tests.routing import released_route
from lots.tests.test_concurrency import together

pytestmark = pytest.mark.usefixtures("catalogue", "nothing_measured")


@pytest.fixture
def nothing_measured() -> Iterator[None]:
    """No lot has results, whatever is recorded."""
    before = dict(gates._checks)
    register_gate(Gate.RESULTS, lambda lot, step: "no results for any unit")
    yield
    gates._checks.clear()
    gates._checks.update(before)


def step(lot: Lot, code: str) -> Step:
    return lot.route_version.steps.get(code=code)


def passed(lot: Lot, code: str = "SFT") -> Event:
    return passing(lot, step(lot, code))()


def test_a_lot_without_results_is_stopped() -> None:
    lot = guarded_lot()
    with pytest.raises(GateError, match="N1 cannot pass RCV: no results for any unit") as refusal:
        passed(lot)
    assert refusal.value.fields == {"lot": "N1", "step": "RCV", "gate": "results", "waivers": []}
    assert again(lot).step.code == "RCV"


def test_a_shipped_lot_arrives_where_it_left_but_not_beyond_a_closed_gate() -> None:
    lot = guarded_lot()
    ship_lot(lot=lot, to=supplier("OSAT1"), customer="", command=command())
    later = lot.route_version.steps.get(code="SFT")
    with pytest.raises(GateError):
        arrive(lot, later)
    arrive(lot, lot.step)
    assert (again(lot).state, again(lot).step) == ("active", lot.step)


def arrive(lot: Lot, to_step: Step) -> Event:
    return receive_shipment(
        lot=again(lot),
        custodian=supplier("OSAT1"),
        to_step=to_step,
        counted_quantity=lot.quantity,
        command=command(hours=1),
    )


def test_a_lot_with_results_passes() -> None:
    register_gate(Gate.RESULTS, lambda lot, step: "")
    assert passed(guarded_lot()).step_to.code == "SFT"  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", ["flag", "off"])
def test_only_a_stopping_gate_stops(mode: str) -> None:
    passed(guarded_lot(gate_mode=mode))
    assert WaiverUse.objects.count() == 0


def test_a_lot_that_is_not_sampled_needs_no_results() -> None:
    lot = guarded_lot(sampling_every=2)
    other = next(
        code
        for code in (f"S{number}" for number in range(20))
        if not gates.demands_results(Lot(code=code), lot.step)
    )
    passed(guarded_lot(other))


def test_what_is_split_off_is_sampled_as_its_first_lot_is() -> None:
    lot = guarded_lot(sampling_every=2)
    first = gates.demands_results(lot, lot.step)
    for parent, code, quantity in [
        ("N1", "S1", 8),
        ("S1", "S2", 6),
        ("S2", "S3", 2),
        ("N1", "S4", 1),
    ]:
        split_lot(
            lot=Lot.objects.get(code=parent),
            child_code=code,
            selection=Selection(quantity),
            command=command(),
        )
    assert {gates.demands_results(one, one.step) for one in Lot.objects.all()} == {first}


def test_engineering_lots_and_ways_back_have_no_gates() -> None:
    lot = guarded_lot()
    engineering = counted_lot("E1", purpose=LotPurpose.ENGINEERING)
    assert not steps_left(engineering, lot.step, step(lot, "TRAY")).exists()
    assert not steps_left(lot, step(lot, "TRAY"), lot.step).exists()


def test_a_waiver_lets_the_whole_lot_pass_and_is_counted() -> None:
    lot = guarded_lot()
    waiver = granted(lot, quantity=25)
    event = passed(lot)
    waiver.refresh_from_db()
    assert waiver.used == 10
    assert WaiverUse.objects.get().event == event


def test_a_flag_is_passed_under_a_waiver_where_there_is_one() -> None:
    lot = guarded_lot(gate_mode="flag")
    granted(lot)
    passed(lot)
    assert WaiverUse.objects.get().quantity == 10


@pytest.mark.parametrize(
    ("quantity", "fault"), [(9, "has 9 left of 10 needed"), (10, "")], ids=["short", "enough"]
)
def test_a_waiver_is_limited_in_quantity(quantity: int, fault: str) -> None:
    lot = guarded_lot()
    granted(lot, quantity=quantity)
    if fault:
        with pytest.raises(GateError, match=fault):
            passed(lot)
    else:
        passed(lot)


def test_a_waiver_not_yet_approved_lets_nothing_pass() -> None:
    lot = guarded_lot()
    asked(lot)
    with pytest.raises(GateError, match="is not approved yet"):
        passed(lot)


def test_a_revoked_waiver_lets_nothing_pass() -> None:
    lot = guarded_lot()
    revoke_waiver(waiver=granted(lot), actor=person("ben"))
    with pytest.raises(GateError, match="was revoked"):
        passed(lot)


def test_a_waiver_is_limited_in_time_at_the_place() -> None:
    lot = guarded_lot()
    now = timezone.now()
    standing(lot, valid_from=now - 3 * DAY, valid_to=now - DAY)
    with pytest.raises(GateError, match="ended"):
        passed(lot)


def test_a_waiver_of_a_product_serves_all_its_lots() -> None:
    lot, other = guarded_lot("N1"), guarded_lot("N2")
    granted(lot, on=lot.product, quantity=20)
    passed(lot)
    passed(other)
    assert Waiver.objects.get().used == 20


def test_a_waiver_follows_what_is_split_off() -> None:
    lot = guarded_lot()
    granted(lot)
    part = Selection(quantity=4)
    split_lot(lot=lot, child_code="N1.1", selection=part, command=command())
    child = Lot.objects.get(code="N1.1")
    passed(child)
    assert Waiver.objects.get().used == 4
    assert waivers_of(child).count() == 1


def test_a_waiver_of_another_lot_serves_nobody_else() -> None:
    granted(guarded_lot("N2"))
    with pytest.raises(GateError, match="no waiver is there"):
        passed(guarded_lot("N1"))


def test_the_waiver_that_ends_first_is_used_first() -> None:
    lot = guarded_lot()
    granted(lot, valid_to=timezone.now() + 5 * DAY)
    soon = granted(lot, valid_to=timezone.now() + DAY)
    passed(lot)
    assert WaiverUse.objects.get().waiver == soon


def test_steps_left_out_are_named() -> None:
    lot = guarded_lot("N1", gate_mode="off")
    route = released_route(
        "D", {"code": "RCV"}, {"code": "SFT", "gate_mode": "stop"}, {"code": "TRAY"}
    )
    late = counted_lot("N2")
    assert late.route_version == route
    assert not closed_gates(lot, lot.step, steps_left(lot, lot.step, step(lot, "TRAY")))[1:]
    with pytest.raises(GateError, match="SFT: the lot has not been there"):
        passed(late, "TRAY")
    granted(late, gate=Gate.STEP_ORDER, step=step(late, "SFT"))
    passed(late, "TRAY")


def test_leaving_a_rework_route_early_leaves_out_its_last_steps() -> None:
    lot = guarded_lot()
    rework = Step.objects.filter(route_version__route__code="A-RW")
    left = steps_left(lot, rework.get(code="REBALL"), lot.step)
    assert [one.code for one in left] == ["REBALL", "RETEST"]
    assert not steps_left(lot, lot.step, rework.get(code="REBALL")).exists()


def test_what_nobody_checks_is_not_missed() -> None:
    gates._checks.clear()
    lot = guarded_lot()
    assert missing_results(lot, lot.step) == ""


def waited(lot: Lot, hours: float) -> Event:
    order = command(hours=hours)

    def work() -> Draft:
        draft = Draft(Verb.AMEND, locked_lot(lot, Verb.AMEND, order))
        refuse_overtime(draft.lot, order, event_id=draft.id)
        return draft

    return once(Verb.AMEND, {}, order, work)


@pytest.mark.parametrize(
    ("mode", "hours", "is_stopped"),
    [("stop", 4.5, True), ("stop", 4, False), ("flag", 4.5, False), ("off", 4.5, False)],
)
def test_a_lot_that_waited_too_long_is_stopped(mode: str, hours: float, is_stopped: bool) -> None:
    lot = guarded_lot(gate_mode=mode, queue_hours_max=4)
    if is_stopped:
        with pytest.raises(GateError, match=r"4\.5 hours waited, 4 allowed"):
            waited(lot, hours)
    else:
        waited(lot, hours)


@pytest.mark.parametrize(("mode", "is_stopped"), [("stop", True), ("flag", False)])
def test_a_lot_that_waited_too_long_does_not_leave_unworked(mode: str, is_stopped: bool) -> None:
    lot = guarded_lot(gate_mode=mode, queue_hours_max=4, requires_results=False)
    if is_stopped:
        with pytest.raises(GateError, match=r"5\.0 hours waited, 4 allowed"):
            move_lot(lot=lot, to_step=step(lot, "SFT"), command=command(hours=5))
        assert again(lot).step.code == "RCV"
    else:
        move_lot(lot=lot, to_step=step(lot, "SFT"), command=command(hours=5))
        assert again(lot).step.code == "SFT"


def test_a_lot_that_waited_too_long_goes_back_freely() -> None:
    stop = {"code": "SFT", "gate_mode": "stop", "queue_hours_max": 4}
    released_route("D", {"code": "RCV"}, stop)
    lot = counted_lot(step_code="SFT")
    back = command(hours=9, reason="look again")
    move_lot(lot=lot, to_step=step(lot, "RCV"), command=back)
    assert again(lot).step.code == "RCV"


def rerouted(lot: Lot, code: str) -> Event:
    (newest,) = lot.route_version.route.versions.order_by("-version")[:1]
    return reroute_lot(
        lot=lot, to_version=newest, to_step_code=code, command=command(reason="new version")
    )


def test_no_closed_gate_is_passed_by_another_version_of_the_route() -> None:
    lot = guarded_lot()
    released_route("D", {"code": "RCV"}, {"code": "SFT"}, {"code": "TRAY"})
    with pytest.raises(GateError, match="N1 cannot pass RCV: no results"):
        rerouted(lot, "SFT")
    rerouted(lot, "RCV")
    assert (str(again(lot).route_version), again(lot).step.code) == ("D v3", "RCV")


def test_step_that_the_other_version_has_not_asks_nothing() -> None:
    lot = guarded_lot()
    released_route("D", {"code": "SFT"}, {"code": "TRAY"})
    rerouted(lot, "SFT")
    assert again(lot).step.code == "SFT"


def test_a_wait_is_waived_too() -> None:
    lot = guarded_lot(queue_hours_max=4)
    waiver = standing(lot, gate=Gate.QUEUE_TIME, valid_from=T0)
    waited(lot, 5)
    assert WaiverUse.objects.get().waiver == waiver


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [2, 6])
def test_lots_that_pass_at_once_never_use_more_than_there_is(count: int) -> None:
    lots = [guarded_lot(f"N{number}") for number in range(count)]
    granted(lots[0], on=lots[0].product, quantity=10 * (count // 2) + 9)
    answers = together([passing(lot, step(lot, "SFT"), f"pass {lot.code}") for lot in lots])
    refused = [answer for answer in answers if isinstance(answer, GateError)]
    waiver = Waiver.objects.get()
    assert (waiver.used, len(refused)) == (10 * (count // 2), count - count // 2)
    assert sum(use.quantity for use in waiver.uses.all()) == waiver.used


def test_a_refused_pass_leaves_nothing_behind() -> None:
    stop = {"gate_mode": "stop", "requires_results": True}
    released_route("D", {"code": "RCV", **stop}, {"code": "SFT", **stop}, {"code": "TRAY"})
    lot = counted_lot()
    granted(lot)
    with pytest.raises(GateError, match="SFT: the lot has not been there"):
        passed(lot, "TRAY")
    assert (Waiver.objects.get().used, WaiverUse.objects.count()) == (0, 0)
