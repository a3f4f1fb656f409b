"""Partners who name things otherwise, read by configuration alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.models import FeedMapping, MappedColumn, MappedValue, RawFile
from intake.services import retry_file, sample_reading
from intake.services.draining import drain
from intake.services.matching_by_hand import NotOwedError
from intake.tests.handing import again, loaded
from lots.models import Event, Lot, Supplier

pytestmark = pytest.mark.django_db

COLUMNS = {"lot": "LotNo", "occurred_at": "Zeit", "verb": "Op", "step": "Station", "wafers": "Pos"}
VALUES = [
    ("verb", "LOTSTART", "receive"),
    ("verb", "TRKIN", "move"),
    ("verb", "LOGIN", "ignore"),
    ("unit", "WF", "wafer"),
    ("step", "3100", "CP1"),
    ("step", "3200", "CP2"),
]
REPORT = """LotNo;Zeit;Op;Station;Pos;unit;quantity;product;Fälligkeit
W1;01.03.2026 08:00;LOTSTART;3100;1-2;WF;2;TRN3-DIE;30.06.2026 00:00
W1;01.03.2026 09:00;TRKIN;3200;;;2;;
W1;01.03.2026 09:30;LOGIN;;;;;;
""".encode("cp1252")


def osat7(**words: object) -> FeedMapping:
    mapping = FeedMapping.objects.create(
        **{
            "name": "OSAT7 WIP",
            "supplier": Supplier.objects.get(code="OSAT1"),
            "kind": "wip",
            "file_pattern": "osat7_*.csv",
            "delimiter": "semicolon",
            "encoding": "cp1252",
            "date_format": "%d.%m.%Y %H:%M",
            "time_zone": "Asia/Taipei",
            **words,
        }
    )
    for ours, theirs in {**COLUMNS, "due_on": "Fälligkeit"}.items():
        MappedColumn.objects.create(mapping=mapping, ours=ours, theirs=theirs)
    MappedColumn.objects.create(mapping=mapping, ours="route", constant="A")
    for column, theirs, ours in VALUES:
        MappedValue.objects.create(mapping=mapping, column=column, theirs=theirs, ours=ours)
    return mapping


def test_a_report_in_a_partners_own_words_is_read_by_its_mapping(material: Path) -> None:
    mapping = osat7()
    file = loaded(REPORT, "OSAT7_0301.csv")
    assert (file.state, file.mapping) == ("loaded", mapping)
    assert file.message == "3 rows: 2 applied, 1 dropped."
    lot = Lot.objects.get(code="W1")
    assert (lot.step.code, lot.quantity, str(lot.due_on)) == ("CP2", 2, "2026-06-30")
    assert lot.custodian.code == "OSAT1"
    received = Event.objects.get(verb="receive")
    assert received.occurred_at.isoformat() == "2026-03-01T00:00:00+00:00"


def test_a_disabled_mapping_reads_nothing(material: Path) -> None:
    osat7(is_enabled=False)
    assert loaded(REPORT, "osat7_0301.csv").state == "rejected"


def test_a_rejected_file_is_read_once_a_mapping_fits(material: Path) -> None:
    file = loaded(REPORT, "osat7_0301.csv")
    with pytest.raises(NotOwedError):
        retry_file(file=file)
    osat7()
    retry_file(file=file)
    drain()
    assert again(file).state == "loaded"


def test_the_first_mapping_by_priority_decides(material: Path) -> None:
    osat7(name="any", file_pattern="*.csv", priority=200, delimiter="pipe")
    mine = osat7(priority=1)
    assert loaded(REPORT, "osat7_0301.csv").mapping == mine


def test_test_files_are_known_by_their_bytes_whatever_a_mapping_says(material: Path) -> None:
    osat7(file_pattern="*")
    assert loaded(b"\x02\x00\x00\x0a\x02\x04", "x.csv").kind == "stdf"
    assert RawFile.objects.get().mapping is None


def test_a_sample_shows_how_it_would_be_read(material: Path) -> None:
    mapping = osat7(sample=REPORT.decode("cp1252") + "W1;soon;TRKIN;3200;;;;;\n")
    reading = sample_reading(mapping)
    assert reading.columns[:4] == ("occurred_at", "supplier", "verb", "lot")
    first, *_, bad = reading.lines
    assert first.cells[:4] == ("2026-03-01T08:00:00+08:00", "OSAT1", "receive", "W1")
    assert "written like" in bad.fault
    assert not Lot.objects.exists()


def test_a_sample_that_cannot_be_read_says_why(material: Path) -> None:
    assert "LotNo".lower() in sample_reading(osat7(sample="a;b\n1;2\n")).fault
    assert "no feed stdf" in sample_reading(osat7(name="x", kind="stdf")).fault


def test_a_notice_in_a_partners_own_columns_is_read_too(material: Path) -> None:
    mapping = FeedMapping.objects.create(
        name="MRVL ASN",
        supplier=Supplier.objects.get(code="MRVL"),
        kind="asn",
        file_pattern="mrvl*.csv",
    )
    for ours, theirs in [("serial", "SN"), ("shipment", "DN"), ("lot", "Batch")]:
        MappedColumn.objects.create(mapping=mapping, ours=ours, theirs=theirs)
    for ours, constant in [("product", "TRN2"), ("route", "B"), ("step", "RCV")]:
        MappedColumn.objects.create(mapping=mapping, ours=ours, constant=constant)
    content = (
        b"SN,DN,Batch,occurred_at,declared_lot,declared_wafer\n"
        b"S1,D1,M1,2026-03-01T08:00:00+00:00,,\nS2,D1,M1,2026-03-01T08:00:00+00:00,,\n"
    )
    assert loaded(content, "mrvl1.csv").state == "loaded"
    assert Lot.objects.get(code="M1").quantity == 2
    reading = sample_reading(FeedMapping(kind="asn", supplier=mapping.supplier, pk=mapping.pk))
    assert reading.fault
    mapping.sample = content.decode()
    assert sample_reading(mapping).lines[0].cells[-1] == "2 lines"
