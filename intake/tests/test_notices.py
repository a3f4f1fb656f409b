"""Ship notices as CSV without serials, and as X12 856."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.models import FeedMapping, MappedColumn, MappedValue
from intake.tests.handing import loaded
from intake.tests.x12_writer import COUNTED, SERIALS, body, interchange, notice, transaction
from lots.models import Lot, Supplier, Unit
from lots.services import merge_lots
from lots.tests.making import command

pytestmark = pytest.mark.django_db

HEAD = b"shipment,occurred_at,supplier,lot,product,route,step,serial,declared_lot,declared_wafer"
ROW = b"S1,2026-03-01T08:00:00+00:00,MRVL,M1,TRN2,B,RCV"


@pytest.fixture
def marvell(material: Path) -> FeedMapping:
    mapping = FeedMapping.objects.create(
        name="MRVL 856",
        supplier=Supplier.objects.get(code="MRVL"),
        kind="x12-856",
        file_pattern="*.856",
        time_zone="America/Los_Angeles",
    )
    for ours, constant in [("route", "B"), ("step", "RCV")]:
        MappedColumn.objects.create(mapping=mapping, ours=ours, constant=constant)
    MappedValue.objects.create(mapping=mapping, column="product", theirs="88X", ours="TRN2")
    return mapping


def test_a_count_may_stand_in_place_of_serials(material: Path) -> None:
    content = HEAD + b",quantity\n" + ROW + b",,,,20\n"
    assert loaded(content, "a.asn.csv").state == "loaded"
    assert (Lot.objects.get().quantity, Unit.objects.count()) == (20, 0)


def test_second_shipment_of_a_lot_is_refused_with_what_to_send_instead(material: Path) -> None:
    loaded(HEAD + b"\n" + ROW + b",A,,\n", "a.asn.csv")
    second = ROW.replace(b"S1", b"S2")
    row = loaded(HEAD + b"\n" + second + b",B,,\n", "b.asn.csv").rows.get()
    assert row.state == "quarantined"
    assert row.reason == (
        "Lot M1 is here since 2026-03-01 08:00 UTC (a.asn.csv row 2), and a second shipment does "
        "not add to it. Send this shipment under a lot code of its own, such as M1-2; the two are "
        "merged here once both arrived."
    )
    again = second.replace(b"M1", b"M1-2")
    loaded(HEAD + b"\n" + again + b",B,,\n", "c.asn.csv")
    lots = {lot.code: lot for lot in Lot.objects.all()}
    merge_lots(into=lots["M1"], lots=[lots["M1-2"]], command=command())
    assert Lot.objects.get(code="M1").quantity == 2


def test_all_units_are_named_or_none(material: Path) -> None:
    content = HEAD + b",quantity\n" + ROW + b",A,,,\n" + ROW + b",,,,19\n"
    row = loaded(content, "a.asn.csv").rows.get()
    assert "announces 20 units and names 1" in row.reason


def test_a_notice_with_serials_becomes_a_lot(marvell: FeedMapping) -> None:
    file = loaded(notice(f"{SERIALS}|REF*WL*FAB7|REF*WF*FAB7-03"), "a.856")
    assert (file.state, file.kind) == ("loaded", "x12-856")
    lot = Lot.objects.get(code="M1")
    assert (lot.quantity, lot.custodian.code, lot.step.code) == (2, "MRVL", "RCV")
    assert lot.started_at.isoformat() == "2026-03-01T16:30:00+00:00"
    unit = Unit.objects.get(serial="M1-A")
    assert (unit.trust, unit.declared_lot, unit.declared_wafer) == ("declared", "FAB7", "FAB7-03")


def test_a_notice_may_announce_a_count_and_their_product_code(marvell: FeedMapping) -> None:
    assert loaded(notice(COUNTED.replace("TRN2", "88X")), "a.856").state == "loaded"
    assert Lot.objects.get(code="M1").quantity == 20


def test_each_lot_of_each_transaction_is_a_row(marvell: FeedMapping) -> None:
    two = body(SERIALS, COUNTED)
    two[two.index("REF*LT*M1", two.index("REF*LT*M1") + 1)] = "REF*LT*M2"
    other = transaction(body(COUNTED, shipment="SHP2", lot="M3"), "0002")
    file = loaded(interchange(transaction(two), other), "a.856")
    assert file.message == "3 rows: 3 applied."


def test_the_same_notice_again_is_repeated(marvell: FeedMapping) -> None:
    loaded(notice(SERIALS), "a.856")
    again = loaded(interchange(transaction(body(SERIALS), "0009")), "b.856")
    assert again.message == "1 rows: 1 repeated."


def test_a_notice_without_a_mapping_says_what_to_do(material: Path) -> None:
    row = loaded(notice(SERIALS), "a.edi").rows.get()
    assert row.state == "quarantined"
    assert "Add a mapping for the files of MRVL" in row.reason


def test_two_products_of_one_lot_are_for_a_person(marvell: FeedMapping) -> None:
    row = loaded(notice(SERIALS, "LIN**VP*CS-SYS|SN1**1*EA"), "a.856").rows.get()
    assert "several products: CS-SYS, TRN2" in row.reason


def test_a_broken_notice_is_refused_with_segment_and_place(marvell: FeedMapping) -> None:
    file = loaded(notice(SERIALS).replace(b"CTT*4", b"CTT*7"), "a.856")
    assert file.state == "rejected"
    assert file.message.startswith("CTT at segment 18 counts 7 HL levels, 4 are there")


def test_a_notice_without_a_zone_is_in_utc(marvell: FeedMapping) -> None:
    FeedMapping.objects.update(time_zone="")
    loaded(notice(SERIALS).replace(b"20260301*083000", b"260301*0830"), "a.856")
    assert Lot.objects.get().started_at.isoformat() == "2026-03-01T08:30:00+00:00"


def test_a_date_that_is_none_is_for_a_person(marvell: FeedMapping) -> None:
    row = loaded(
        notice(SERIALS).replace(b"20260301*083000", b"20269901*083000"), "a.856"
    ).rows.get()
    assert "occurred_at is" in row.reason
