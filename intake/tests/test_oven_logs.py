from __future__ import annotations

from datetime import timedelta

import pytest

from intake.domain.words import FileState, RowState
from intake.models import RawFile
from intake.services.registry import kind_of
from intake.tests.handing import T0, loaded
from testing.models import OvenReading

pytestmark = pytest.mark.django_db

HEAD = "oven,occurred_at,temperature_celsius,voltage"


def line(minute: float, rest: str = "125.0,1.001", oven: str = "OV1") -> str:
    return f"{oven},{(T0 + timedelta(minutes=minute)).isoformat()},{rest}"


def sent(*lines: str, head: str = HEAD, name: str = "ov1.ovenlog.csv") -> RawFile:
    return loaded("\n".join([head, *lines, ""]).encode(), name)


def test_a_log_is_known_by_name_or_header() -> None:
    assert kind_of("a.ovenlog.csv", b"") == "oven-log"
    assert kind_of("a.csv", f"{HEAD}\n".encode()) == "oven-log"
    assert kind_of("a.csv", b"oven,occurred_at,voltage\n") == "oven-log"
    assert kind_of("a.csv", b"oven,occurred_at\n") != "oven-log"


def test_every_line_is_a_sample_of_each_quantity(material: object) -> None:
    file = sent(line(0), line(5, "125.5,"))
    assert (file.state, file.message) == (FileState.LOADED, "2 rows: 2 applied.")
    found = OvenReading.objects.order_by("quantity", "measured_at").values_list("quantity", "value")
    assert list(found) == [
        ("temperature", 125.0),
        ("temperature", 125.5),
        ("voltage", 1.001),
        ("voltage", None),
    ]


def test_a_column_that_is_not_there_says_nothing(material: object) -> None:
    sent(line(0, "125.0"), head="oven,occurred_at,temperature_celsius")
    assert list(OvenReading.objects.values_list("quantity", flat=True)) == ["temperature"]


def test_the_same_lines_in_another_file_are_repeated(material: object) -> None:
    sent(line(0), line(5))
    file = sent(line(0), line(5), "", name="again.ovenlog.csv")
    assert file.rows.get().state == RowState.REPEATED
    assert OvenReading.objects.count() == 4


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(0, "hot,1.0"), "temperature_celsius is 'hot'"),
        (line(0, "125,nan"), "voltage is 'nan'"),
        (line(0, oven=""), "oven is empty"),
        ("OV1,yesterday,125,1.0", "occurred_at is"),
        ("OV1,125", "2 fields"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_the_others_count(
    material: object, bad: str, reason: str
) -> None:
    file = sent(line(0), bad, line(5))
    row = file.rows.get(state=RowState.QUARANTINED)
    assert (row.number, reason in row.reason) == (3, True)
    assert OvenReading.objects.count() == 4


def test_a_long_log_comes_in_pieces_of_one_oven(
    material: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.feeds.oven_log.ITEM_LINES", 2)
    file = sent(line(0), line(0, oven="OV2"), line(5), line(10))
    rows = file.rows.order_by("number").values_list("number", "line_count")
    assert list(rows) == [(2, 2), (3, 1), (5, 1)]
    assert file.message == "4 rows: 4 applied."


def test_a_log_of_neither_quantity_is_rejected(material: object) -> None:
    file = sent("OV1," + T0.isoformat(), head="oven,occurred_at")
    assert file.state == FileState.REJECTED
    assert "neither temperature_celsius nor voltage" in file.message
