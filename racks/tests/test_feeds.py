from __future__ import annotations

import json
from io import BytesIO

import pytest

from intake.feeds.frame import FeedContext, FeedItem, FileRefusedError, WaitingError
from intake.services.registry import feed_of
from lots.models import Unit
from racks.feeds import BYTES_MAX, CommissioningFeed, RackFeed
from racks.models import Commissioning, Placement, Rack
from racks.selectors import places_of
from racks.tests.builders import INSTALLED_AT, apply_all, commissioning_json, rack_json, stream
from racks.tests.conftest import Floor
from supplychain.base.errors import MissingError, RefusedError

RACKS, ROUNDS = RackFeed(), CommissioningFeed()


def test_both_feeds_are_known_to_intake() -> None:
    assert isinstance(feed_of("rack"), RackFeed)
    assert isinstance(feed_of("commissioning"), CommissioningFeed)


@pytest.mark.parametrize(
    ("name", "head", "is_rack"),
    [
        ("r1.rack.json", b"", True),
        ("r1.json", b'{"format": "rack-1"', True),
        ("r1.json", b'{"format":"commissioning-1"', False),
    ],
)
def test_a_report_is_known_by_its_name_or_its_format(name: str, head: bytes, is_rack: bool) -> None:
    assert RACKS.recognises(name, head) is is_rack
    assert ROUNDS.recognises(name, head) is not is_rack


def test_a_rack_report_places_the_rack_and_its_units(floor: Floor) -> None:
    assert apply_all(RACKS, rack_json("S1", "S2")) == []
    place = places_of([floor.servers[1].pk])[floor.servers[1].pk]
    assert (place.site, place.hall, place.position, place.rack, place.slot) == (
        "PDX1",
        "H1",
        "A01",
        "R1",
        2,
    )
    assert Placement.objects.latest("id").source_reference == "a.json row 3"


def test_the_same_report_again_changes_nothing(floor: Floor) -> None:
    for _ in range(2):
        apply_all(RACKS, rack_json("S1"))
    assert (Rack.objects.count(), Placement.objects.count()) == (1, 1)


def test_the_same_operation_has_the_same_key_in_every_file() -> None:
    def keys(*serials: str) -> list[str]:
        items = RACKS.parse(stream(rack_json(*serials)))
        return [item.op_key for item in items if isinstance(item, FeedItem)]

    assert keys("S1") == keys("S1", "S2")[:2]
    assert keys("S1") != keys("S2")


def test_a_unit_that_is_not_known_yet_is_waited_for(floor: Floor) -> None:
    with pytest.raises(WaitingError, match="S9"):
        apply_all(RACKS, rack_json("S9"))


def test_a_placement_waits_for_its_rack(floor: Floor) -> None:
    _, placement = RACKS.parse(stream(rack_json("S1")))
    assert isinstance(placement, FeedItem)
    with pytest.raises(WaitingError, match="R1"):
        RACKS.apply(placement, FeedContext(1, "f" * 64, "a.json", INSTALLED_AT))


def test_a_slot_that_the_rack_lacks_is_refused(floor: Floor) -> None:
    rows = [{"slot": 5, "serial": "S1"}]
    with pytest.raises(MissingError, match="slot 5"):
        apply_all(RACKS, rack_json(placements=rows))


def test_a_slot_takes_no_chip_by_itself(floor: Floor) -> None:
    with pytest.raises(RefusedError, match="C0 is built into S1; place that instead"):
        apply_all(RACKS, rack_json("C0"))


def test_a_bad_placement_is_rejected_with_its_number(floor: Floor) -> None:
    rows = [{"slot": 1, "serial": "S1"}, {"slot": 2}]
    rejected = apply_all(RACKS, rack_json(placements=rows))
    assert [(item.number, item.reason) for item in rejected] == [(3, "entry 2: serial is missing")]
    assert Placement.objects.count() == 1


def test_a_round_is_judged_once(floor: Floor) -> None:
    apply_all(RACKS, rack_json("S1", "S2"))
    for _ in range(2):
        apply_all(ROUNDS, commissioning_json())
    round_ = Commissioning.objects.get()
    assert (round_.verdict, round_.kilowatts) == ("pass", 9.6)
    assert round_.readings.count() == 6


def test_a_round_waits_until_the_rack_is_filled(floor: Floor) -> None:
    with pytest.raises(WaitingError, match="not filled"):
        apply_all(ROUNDS, commissioning_json())


def test_a_bad_reading_is_rejected_and_leaves_the_round_unproven(floor: Floor) -> None:
    apply_all(RACKS, rack_json("S1", "S2"))
    report = commissioning_json()
    report["readings"][0]["kind"] = "smell"
    assert [item.number for item in apply_all(ROUNDS, report)] == [2]
    assert Commissioning.objects.get().verdict == "unset"


def test_a_report_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="JSON"):
        list(RACKS.parse(BytesIO(b"{")))


def test_a_report_that_is_too_long_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="longer"):
        list(ROUNDS.parse(BytesIO(b" " * (BYTES_MAX + 1))))


def test_content_survives_being_kept_as_json() -> None:
    for item in RACKS.parse(stream(rack_json("S1"))):
        assert isinstance(item, FeedItem)
        assert json.loads(json.dumps(item.content)) == item.content


def test_units_are_found_whatever_lot_they_are_in(floor: Floor) -> None:
    apply_all(RACKS, rack_json("S1", "N1", "X1"))
    assert set(Unit.objects.filter(placements__isnull=False).values_list("serial", flat=True)) == {
        "S1",
        "N1",
        "X1",
    }
