from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.domain.errors import FileRefusedError
from intake.domain.words import FileState, RowState
from intake.feeds.wip_verbs import KIND_OF_LOT
from intake.models import RawFile
from intake.services import repair_row, replay_rows
from intake.services.draining import drain
from intake.services.matching_by_hand import NotOwedError, retry_file
from intake.tests.handing import T0, again, at, loaded, table, wip, wip_row
from lots.domain.words import UnitOfMeasure
from lots.models import Genealogy, Lot, Unit
from lots.services import record_bonus
from lots.tests.making import chip_lot, command, die_lot, good_units, hold, material_lot
from supplychain.base.errors import MalformedError
from testing.models import BurnInRun

pytestmark = pytest.mark.django_db

ASN = (
    "shipment", "occurred_at", "supplier", "lot", "product", "route", "step", "serial",
    "declared_lot", "declared_wafer",
)  # fmt: skip
ASSEMBLY = (
    "event_id", "occurred_at", "supplier", "lot", "product", "route", "step", "serial",
    "position", "part_serial",
)  # fmt: skip


def asn_row(serial: str, **words: str) -> dict[str, str]:
    row = {
        "shipment": "S1", "occurred_at": at(0), "supplier": "MRVL", "lot": "M1",
        "product": "TRN2", "route": "B", "step": "RCV", "serial": serial,
        "declared_lot": "MV88", "declared_wafer": "MV88-3",
    }  # fmt: skip
    return {**row, **words}


def notice(*rows: dict[str, str]) -> RawFile:
    return loaded(table(ASN, *rows), "m1.asn.csv")


# --- ship notices


def test_a_ship_notice_is_one_declared_lot(material: Path) -> None:
    assert notice(asn_row("C1"), asn_row("C2")).message == "2 rows: 2 applied."
    lot = Lot.objects.get(code="M1")
    assert (lot.quantity, lot.custodian.code, lot.step.code) == (2, "MRVL", "RCV")
    unit = Unit.objects.get(serial="C1")
    assert (unit.trust, unit.declared_wafer) == ("declared", "MV88-3")


def test_a_shipment_may_hold_several_lots(material: Path) -> None:
    file = notice(asn_row("C1"), asn_row("C2", lot="M2"))
    assert file.rows.count() == Lot.objects.count() == 2


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([asn_row("C1", product="TRN9")], "no product TRN9"),
        ([asn_row("C1"), asn_row("C1")], "named twice"),
        ([asn_row("C1"), asn_row("C2", step="IST")], "differ in step"),
        ([asn_row("C1", occurred_at="today")], "occurred_at is"),
    ],
)
def test_a_wrong_notice_goes_to_quarantine_whole(
    material: Path, rows: list[dict[str, str]], reason: str
) -> None:
    file = notice(*rows)
    assert file.message == f"{len(rows)} rows: {len(rows)} quarantined."
    assert reason in file.rows.get().reason


def test_lines_without_a_shipment_are_operations_of_their_own(material: Path) -> None:
    file = notice(asn_row("C1", shipment=""), asn_row("C2", shipment="", lot="M2"))
    assert file.rows.filter(state=RowState.APPLIED).count() == 2


# --- assembly reports


def builds(dies: list[Unit], **words: str) -> list[dict[str, str]]:
    row = {
        "event_id": "A1", "occurred_at": at(5), "supplier": "OSAT1", "lot": "P1",
        "product": "TRN3", "route": "A", "step": "COWOS",
    }  # fmt: skip
    return [
        {**row, "serial": f"P1-{number // 2}", "position": f"D{number % 2}",
         "part_serial": die.serial, **words}
        for number, die in enumerate(dies)
    ]  # fmt: skip


def test_an_assembly_report_builds_packages(material: Path) -> None:
    dies = good_units(die_lot("W1", wafers=1, dies=4))
    file = loaded(table(ASSEMBLY, *builds(dies)), "p1.assembly.csv")
    assert file.message == "4 rows: 4 applied."
    assert Lot.objects.get(code="P1").quantity == 2
    assert Genealogy.objects.filter(parent__serial="P1-1").count() == 2


def test_an_assembly_waits_for_parts_that_are_not_known(material: Path) -> None:
    rows = builds([Unit(serial="W1-01:0:0"), Unit(serial="W1-01:1:0")])
    file = loaded(table(ASSEMBLY, *rows), "p1.assembly.csv")
    assert file.state == FileState.WAITING
    assert "2 parts are not known yet" in file.rows.get().reason
    die_lot("W1", wafers=1, dies=4)
    drain()
    assert again(file).state == FileState.LOADED


def test_an_assembly_from_a_held_lot_waits_for_its_release(material: Path) -> None:
    lot = die_lot("W1", wafers=1, dies=2)
    hold(lot)
    file = loaded(table(ASSEMBLY, *builds(good_units(lot))), "p1.assembly.csv")
    assert (file.state, "on hold" in file.rows.get().reason) == (FileState.WAITING, True)


def test_an_assembly_not_as_billed_goes_to_quarantine(material: Path) -> None:
    dies = good_units(die_lot("W1", wafers=1, dies=3))
    file = loaded(table(ASSEMBLY, *builds(dies)), "p1.assembly.csv")
    assert "needs 2 of TRN3-DIE" in file.rows.get().reason


def test_an_assembly_names_lots_of_parts_without_serials_and_waits_for_them(material: Path) -> None:
    dies = good_units(die_lot("W1", wafers=1, dies=2))
    rows = builds(dies, materials="HBM-1=4")
    file = loaded(table((*ASSEMBLY, "materials"), *rows), "p1.assembly.csv")
    assert (file.state, file.rows.get().reason) == (
        FileState.WAITING, "Lot HBM-1 is not known yet."
    )  # fmt: skip
    lot = material_lot("HBM-1", 3)
    drain()
    assert "Lot HBM-1 has 3 component; 4 cannot leave it" in again(file).rows.get().reason
    record_bonus(lot=lot, quantity=1, command=command(reason="found"))
    drain()
    lot.refresh_from_db()
    assert (again(file).state, lot.quantity) == (FileState.LOADED, 0)


def test_every_unit_of_measure_may_come_by_a_report() -> None:
    assert set(KIND_OF_LOT) == set(UnitOfMeasure)


def test_a_lot_of_parts_without_serials_comes_by_ship_notice(material: Path) -> None:
    words = {"lot": "HBM-7", "product": "HBM3E-36", "route": "P", "step": "RCV"}
    row = {**asn_row("", **words), "quantity": "40"}
    file = loaded(table((*ASN, "quantity"), row), "hbm.asn.csv")
    assert file.state == FileState.LOADED
    lot = Lot.objects.get(code="HBM-7")
    assert (lot.quantity, lot.unit_of_measure, lot.kind) == (40, "component", "part")


def test_lines_of_one_assembly_that_differ_in_material_are_refused(material: Path) -> None:
    dies = good_units(die_lot("W1", wafers=1, dies=2))
    first, second = builds(dies)
    rows = [{**first, "materials": "HBM-1=4"}, {**second, "materials": ""}]
    file = loaded(table((*ASSEMBLY, "materials"), *rows), "p1.assembly.csv")
    assert "differ in materials" in file.rows.get().reason


def test_a_line_that_cannot_be_read_is_told_apart(material: Path) -> None:
    file = loaded(table(ASSEMBLY) + b"\xff\n", "p1.assembly.csv")
    assert "UTF-8" in file.rows.get().reason


# --- burn-in logs


def log(hours: float = 9) -> list[list[Any]]:
    minutes = int(hours * 60)
    return [
        [(T0 + timedelta(minutes=minute)).isoformat(), 125.0, 1.0]
        for minute in range(0, minutes + 1, 5)
    ]


def burn_in(**words: Any) -> bytes:
    unit = {
        "serial": "P1-0", "board": "B1", "socket": "S1", "inserted_at": at(0),
        "removed_at": at(9), "outcome": "pass",
    }  # fmt: skip
    document = {
        "format": "burn-in-1", "lot": "P1", "step": "BI", "oven": "OV1", "started_at": at(0),
        "finished_at": at(9), "units": [unit], "log": log(),
    }  # fmt: skip
    return json.dumps({**document, **words}).encode()


@pytest.fixture
def packages(material: Path) -> Lot:
    dies = good_units(die_lot("W1", wafers=1, dies=2))
    loaded(table(ASSEMBLY, *builds(dies)), "p1.assembly.csv")
    return Lot.objects.get(code="P1")


def test_a_burn_in_log_gives_chargeable_hours(packages: Lot) -> None:
    assert loaded(burn_in(), "ov1.burnin.json").state == FileState.LOADED
    assert BurnInRun.objects.get().chargeable_hours == pytest.approx(9.0)


def test_a_burn_in_log_waits_for_its_lot_and_units(material: Path) -> None:
    file = loaded(burn_in(), "ov1.burnin.json")
    assert file.rows.get().reason == "There is no lot P1 yet."
    dies = good_units(die_lot("W1", wafers=1, dies=2))
    loaded(table(ASSEMBLY, *builds(dies)), "p1.assembly.csv")
    assert again(file).state == FileState.LOADED


def test_a_burn_in_log_waits_for_units_it_names(packages: Lot) -> None:
    unit = {
        "serial": "P9", "board": "B", "inserted_at": at(0), "removed_at": at(9), "outcome": "pass"
    }  # fmt: skip
    row = loaded(burn_in(units=[unit]), "ov1.burnin.json").rows.get()
    assert (row.state, "such as P9" in row.reason) == (RowState.WAITING, True)


def test_a_sensor_that_gave_nothing_proves_nothing(packages: Lot) -> None:
    silent = [[instant, None, volt] for instant, _, volt in log()]
    assert loaded(burn_in(log=silent), "ov1.burnin.json").state == FileState.LOADED
    assert BurnInRun.objects.get().chargeable_hours == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"finished_at": "late"}, "finished_at is"),
        ({"finished_at": None}, "finished_at is"),
        ({"oven": 7}, "oven is 7"),
        ({"units": "none"}, "units must be a list"),
        ({"units": [1]}, "must be an object"),
        ({"units": [{"serial": "P1-0", "outcome": "fine"}]}, "'fine' is no outcome"),
        ({"log": [[1]]}, "Each line of log"),
        ({"log": [[at(0), "hot", 1.0]]}, "'hot' in log is no number"),
        ({"log": [[at(0), True, 1.0]]}, "True in log is no number"),
        ({"step": "NOWHERE"}, "not on A v1"),
        ({"oven": "a\0b"}, "null character"),
        ({"log": [[at(0), float("nan"), 1.0]]}, "JSON cannot carry"),
    ],
)
def test_a_wrong_log_goes_to_quarantine(packages: Lot, words: dict[str, Any], reason: str) -> None:
    file = loaded(burn_in(**words), "ov1.burnin.json")
    assert file.state == FileState.PARTIAL
    assert reason in file.rows.get().reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "does not say"),
        (b'{"format": "burn-in-9"}', "does not say"),
    ],
)
def test_what_is_no_log_is_rejected(material: Path, content: bytes, reason: str) -> None:
    file = loaded(content, "ov1.burnin.json")
    assert (file.state, reason in file.message) == (FileState.REJECTED, True)


# --- what a person does with rows


def test_a_repaired_row_is_applied(material: Path) -> None:
    file = notice(asn_row("C1", product="TRN9"))
    row = file.rows.get()
    repair_row(row=row, content={**row.content, "product": "TRN2"})
    assert again(file).state == FileState.WAITING
    drain()
    assert again(file).state == FileState.LOADED


def test_a_row_cannot_be_repaired_into_what_cannot_be_kept(material: Path) -> None:
    row = notice(asn_row("C1", product="TRN9")).rows.get()
    with pytest.raises(MalformedError, match="null"):
        repair_row(row=row, content={"x": "\0"})


def test_an_applied_row_is_never_changed(material: Path) -> None:
    row = notice(asn_row("C1")).rows.get()
    with pytest.raises(NotOwedError):
        repair_row(row=row, content={})
    assert replay_rows(rows=[row]) == 0


def test_quarantined_rows_are_tried_again_when_asked(material: Path) -> None:
    chip_lot("M1", chips=1, serials=("X",))
    file = notice(asn_row("C1"))
    assert file.state == FileState.PARTIAL
    assert replay_rows(rows=list(file.rows.all())) == 1
    drain()
    assert again(file).state == FileState.PARTIAL


def test_rows_that_could_not_be_read_are_not_replayed(material: Path) -> None:
    file = loaded(wip() + b"\xff\n", "x.wip.csv")
    assert replay_rows(rows=list(file.rows.all())) == 0


def test_waiting_rows_of_a_file_are_tried_again_when_asked(material: Path) -> None:
    file = loaded(wip(wip_row("move", "W1", step="CP2")), "x.wip.csv")
    retry_file(file=file)
    assert file.rows.get().progress == ""
    drain()
    assert again(file).state == FileState.WAITING


def test_a_report_of_too_many_rows_is_refused(
    material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.services.feed_files.ROWS_MAX", 1)
    file = loaded(wip(wip_row("move", "W1"), wip_row("move", "W2")), "x.wip.csv")
    assert file.state == FileState.REJECTED
    assert not file.rows.exists()
    assert FileRefusedError.code == "file-refused"
