from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pytest_django import DjangoAssertNumQueries

from lots.domain.commands import Selection
from lots.domain.words import LotState, UnitOfMeasure
from lots.models import Genealogy, Lot, LotLineage, Unit, Wafer
from lots.services import merge_lots, release_hold, scrap_units, swap_part
from quality.detectors.frame import Finding, Severity, detectors
from racks.detectors import CommissioningFailed, DeployedFromHeldLot
from racks.detectors.held import places_of
from racks.feeds import CommissioningFeed
from racks.selectors import placed_from
from racks.selectors.places import Origin, PlacedUnit
from racks.services import remove_unit
from racks.tests.builders import (
    INSTALLED_AT,
    apply_all,
    commissioning_json,
    without_guard,
)
from racks.tests.conftest import (
    BUILT_AT,
    Floor,
    built,
    command,
    cpu_lot,
    received,
    retold,
    server_with_cpu,
)


def held() -> list[Finding]:
    return DeployedFromHeldLot().find(INSTALLED_AT)


def failed() -> list[Finding]:
    return CommissioningFailed().find(INSTALLED_AT)


def test_both_detectors_are_run_by_the_clock() -> None:
    codes = {detector.code for detector in detectors(is_timed=True)}
    assert {"deployed-from-held-lot", "commissioning-failed"} <= codes


def test_racks_that_are_not_named_are_counted() -> None:
    units = [PlacedUnit(Origin.LOT, 1, f"S{n}", f"R{n}", 1, None, None) for n in range(1, 6)]
    assert places_of(units[:3]) == "3 placed units in R1, R2, R3"
    assert places_of(units) == "5 placed units in R1, R2, R3 and 2 more"


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


def test_a_hold_on_material_is_found_through_what_was_built_with_it(floor: Floor) -> None:
    floor.rack()
    cpus, server = server_with_cpu()
    floor.place(server)
    assert held() == []
    floor.hold(cpus, "cracks")
    (finding,) = held()
    assert finding.title == "1 placed unit in R1 with material of CPUS, on hold: cracks"


def test_a_hold_is_found_through_the_material_that_is_told_now(floor: Floor) -> None:
    floor.rack()
    named, server = server_with_cpu()
    other = cpu_lot("OTHER")
    floor.place(server)
    floor.hold(named, "cracks")
    floor.hold(other, "voids")
    assert [finding.lot_id for finding in held()] == [named.pk]
    retold(server, "CPUS", "OTHER")
    (finding,) = held()
    assert finding.title == "1 placed unit in R1 with material of OTHER, on hold: voids"


def test_a_lot_that_merged_away_is_found_through_what_is_told_of_the_other(floor: Floor) -> None:
    floor.rack()
    _, server = server_with_cpu()
    floor.place(server)
    into, suspect = cpu_lot("OTHER"), cpu_lot("GONE")
    merge_lots(into=into, lots=[suspect], command=command("merge"))
    retold(server, "CPUS", "OTHER")
    floor.hold(suspect, "voids")
    assert [finding.lot_id for finding in held()] == [suspect.pk]


def test_material_left_over_and_scrapped_concerns_nothing_built(floor: Floor) -> None:
    floor.rack()
    cpus, server = server_with_cpu()
    floor.place(server)
    scrapping = replace(command("scrap"), reason="obsolete")
    scrap_units(lot=cpus, selection=Selection(quantity=4), command=scrapping)
    assert Lot.objects.get(pk=cpus.pk).state == LotState.SCRAPPED
    assert held() == []


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
    without_guard("lots_lotlineage", "lots_lotlineage_in_ledger")
    LotLineage.objects.create(parent=parent, child=floor.chips, kind="split", event=event)
    floor.hold(parent)
    assert [finding.lot_id for finding in held()] == [parent.pk]


def test_a_hold_does_not_reach_what_another_lot_had_built_in_before_it_merged(floor: Floor) -> None:
    lots = []
    for code in ("M", "N"):
        serials = [f"{code}-{number}" for number in range(5)]
        lots.append(received(code, "TRN3", UnitOfMeasure.PACKAGE, serials))
        built(f"S{code}", "TRN3-SRV4", {f"{code}S": serials[:4]})
    ours, theirs = (Lot.objects.get(pk=lot.pk) for lot in lots)
    merge_lots(into=ours, lots=[theirs], command=command("merge"))
    found = placed_serials(floor, ours, theirs)
    assert found == {"M": ["MS"], "N": ["NS"]}


def placed_serials(floor: Floor, *lots: Lot) -> dict[str, list[str]]:
    """Code of the lot -> placed servers that hold some of it."""
    floor.rack()
    floor.place(*Unit.objects.filter(serial__in=["MS", "NS"]).order_by("serial"))
    found: dict[str, list[str]] = {lot.code: [] for lot in lots}
    codes = {lot.pk: lot.code for lot in lots}
    for row in placed_from(lot_ids=list(codes), wafer_ids=[]):
        found[codes[row.origin_id]].append(row.serial)
    return found


def test_a_hold_reaches_a_part_swapped_out_and_built_in_again(floor: Floor) -> None:
    received("SPARE", "TRN3", UnitOfMeasure.PACKAGE, ["X5"])
    swap_part(
        parent=floor.servers[0],
        position="P0",
        new_serial="X5",
        command=command("out"),
        returned_lot_code="RMA",
    )
    received("OTHERS", "TRN3", UnitOfMeasure.PACKAGE, ["Y1", "Y2", "Y3"])
    built("S3", "TRN3-SRV4", {"S3": ["C0", "Y1", "Y2", "Y3"]})
    floor.rack()
    floor.place(Unit.objects.get(serial="S3"))
    found = placed_from(lot_ids=[floor.chips.pk], wafer_ids=[])
    assert [row.serial for row in found] == ["S3"]


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
    chip = Unit.objects.get(serial="C0")
    die = Unit.objects.create(
        serial="D1", kind="die", product=chip.product, wafer=wafer, x=1, y=1,
        created_by=chip.created_by,
    )  # fmt: skip
    Genealogy.objects.create(
        parent=chip, child=die, position="D1", valid_from=BUILT_AT, opened_by=chip.created_by
    )
    floor.place(floor.servers[0])
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
