from __future__ import annotations

from datetime import timedelta

from pytest_django import DjangoAssertNumQueries

from lots.domain.words import LotState
from lots.models import Lot, LotLineage, Wafer
from lots.services import release_hold
from quality.detectors.frame import Finding, Severity, detectors
from racks.detectors import CommissioningFailed, DeployedFromHeldLot
from racks.feeds import CommissioningFeed
from racks.services import remove_unit
from racks.tests.builders import INSTALLED_AT, apply_all, commissioning_json
from racks.tests.conftest import Floor, command


def held() -> list[Finding]:
    return DeployedFromHeldLot().find(INSTALLED_AT)


def failed() -> list[Finding]:
    return CommissioningFailed().find(INSTALLED_AT)


def test_both_detectors_are_run_by_the_clock() -> None:
    codes = {detector.code for detector in detectors(is_timed=True)}
    assert {"deployed-from-held-lot", "commissioning-failed"} <= codes


def test_a_hold_after_deployment_is_found_through_what_was_built(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    floor.hold(floor.chips)
    (finding,) = held()
    assert (finding.lot_id, finding.severity) == (floor.chips.pk, Severity.CRITICAL)
    assert finding.title == "2 placed units in R1 with material of CHIPS, on hold: particles"
    facts = finding.evidence.as_json()["facts"]
    assert isinstance(facts, dict)
    assert (facts["racks"], facts["sites"]) == (["R1"], ["PDX1"])
    assert facts["units"] == [
        {"serial": "S1", "rack": "R1", "slot": 1},
        {"serial": "S2", "rack": "R1", "slot": 2},
    ]


def test_a_second_hold_is_new_evidence_of_the_same_cause(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.servers[0])
    floor.hold(floor.chips)
    (first,) = held()
    floor.hold(floor.chips, "cracks")
    (second,) = held()
    assert second.cause_key == first.cause_key
    assert second.revision != first.revision


def test_a_hold_on_what_is_not_placed_is_no_finding(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    floor.hold(floor.chips)
    assert held() == []


def test_a_released_hold_is_no_finding(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.servers[0])
    hold = floor.hold(floor.chips)
    release_hold(hold=hold, disposition="use as is", command=command("release"))
    assert held() == []


def test_a_removed_unit_is_no_finding(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    floor.hold(Lot.objects.get(code="SWITCHES"))
    assert len(held()) == 1
    remove_unit(unit=floor.switch, at=INSTALLED_AT + timedelta(days=1))
    assert held() == []


def test_a_scrapped_lot_is_found(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.servers[0])
    Lot.objects.filter(pk=floor.chips.pk).update(state=LotState.SCRAPPED)
    (finding,) = held()
    assert (finding.revision, finding.title) == (
        "scrapped",
        "1 placed unit in R1 with material of CHIPS, scrapped",
    )


def test_a_hold_on_a_lot_reaches_what_was_split_from_it(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.servers[0])
    parent = Lot.objects.get(code="SYSTEMS")
    event = floor.chips.events.first()
    assert event is not None
    LotLineage.objects.create(parent=parent, child=floor.chips, kind="split", event=event)
    floor.hold(parent)
    assert [finding.lot_id for finding in held()] == [parent.pk]


def test_what_was_only_assembled_from_a_lot_is_not_all_of_it(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    floor.hold(Lot.objects.get(code="SYSTEMS"))
    assert held() == []


def test_a_scrapped_wafer_is_found_in_what_was_built_from_its_dies(floor: Floor) -> None:
    wafer = Wafer.objects.create(
        code="W-01", lot=floor.chips, number=1, is_scrapped=True, is_diced=True
    )
    floor.rack()
    floor.place(floor.system)
    system = floor.system
    system.kind, system.wafer, system.x, system.y = "die", wafer, 1, 1
    system.save()
    (finding,) = held()
    assert (finding.wafer_id, finding.cause_key) == (
        wafer.pk,
        "deployed-from-held-lot:wafer:W-01",
    )


def test_looking_costs_the_same_however_much_is_held(
    floor: Floor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    floor.rack()
    floor.place(*floor.servers, floor.switch)
    for code in ["CHIPS", "SWITCHES", "SERVERS"]:
        floor.hold(Lot.objects.get(code=code))
    with django_assert_num_queries(4):
        assert len(held()) == 3


def test_a_failed_round_is_found_until_a_later_one_passes(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    apply_all(CommissioningFeed(), commissioning_json(supply_celsius=14.0))
    (finding,) = failed()
    assert finding.title == "Commissioning of R1 failed: return_celsius, supply_celsius"
    later = {
        **commissioning_json(),
        "finished_at": (INSTALLED_AT + timedelta(days=1)).isoformat(),
    }
    apply_all(CommissioningFeed(), later)
    assert failed() == []
