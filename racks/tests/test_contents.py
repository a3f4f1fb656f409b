"""What is in racks, stored: it tells the same as counting anew, whoever changed what, and when."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lots.domain.words import UnitOfMeasure
from lots.models import Product, Unit
from racks.models import RackContent, RackOwed, RackPlacement, SiteContent
from racks.selectors import Deployed, deployed
from racks.services import CONTENTS, remove_unit, store_contents
from racks.tasks import store_owed_contents
from racks.tests.builders import INSTALLED_AT, without_guard
from racks.tests.conftest import Floor, built, received


def test_what_is_stored_tells_the_same_as_what_was_counted(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers, floor.switch)
    counted = deployed()
    assert store_contents() == 1
    assert (RackContent.objects.count(), SiteContent.objects.count()) == (3, 3)
    assert deployed() == counted != []


def test_a_rack_that_did_not_change_is_not_counted_again(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    store_owed_contents()
    assert not RackOwed.objects.exists()
    assert store_contents() == 0


def test_a_unit_taken_out_is_gone_at_once(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    store_contents()
    remove_unit(unit=floor.servers[0], at=INSTALLED_AT)
    assert chips() == 4
    store_contents()
    assert chips() == 4


def test_only_the_rack_that_changed_is_owed(floor: Floor) -> None:
    floor.rack()
    floor.rack("R2", "A02")
    floor.place(floor.servers[0])
    floor.place(floor.servers[1], rack="R2")
    store_contents()
    remove_unit(unit=floor.servers[1], at=INSTALLED_AT)
    assert set(RackOwed.objects.values_list("rack__serial", flat=True)) == {"R2"}


def test_what_is_built_outside_of_racks_owes_nothing(floor: Floor) -> None:
    received("MORE", "TRN3", UnitOfMeasure.PACKAGE, [f"M{n}" for n in range(4)])
    built("MORE-S", "TRN3-SRV4", {"S9": ["M0", "M1", "M2", "M3"]})
    assert not RackOwed.objects.exists()


def test_a_part_that_leaves_a_server_in_a_rack_leaves_the_count(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    store_contents()
    without_guard("lots_genealogy", "lots_genealogy_closed_in_ledger")
    edge = floor.servers[0].child_edges.order_by("id")[0]
    edge.valid_to, edge.closed_by = INSTALLED_AT, edge.opened_by
    edge.save(update_fields=["valid_to", "closed_by"])
    assert chips() == 7


def test_a_rack_that_leaves_its_position_takes_its_chips_along(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    store_contents()
    RackPlacement.objects.update(valid_to=INSTALLED_AT)
    assert deployed() == []
    store_contents()
    assert (deployed(), RackContent.objects.filter(site=None).count()) == ([], 2)
    floor.rack(position="A02", site_code="IAD1", site_name="Virginia 1")
    assert {row.site for row in deployed()} == {"IAD1"}
    store_contents()
    assert {row.site: row.unit_count for row in deployed() if row.is_chip} == {"IAD1": 8}


def test_only_one_counts_at_a_time(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [CONTENTS])
        assert store_contents() == 0
    finally:
        other.close()
    assert chips() == 8


def test_another_power_of_a_product_is_told_at_once(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    store_contents()
    Product.objects.filter(code="TRN3-SRV4").update(power_watt=None)
    assert [(row.product, row.unit_count) for row in deployed()] == [("TRN3", 8)]
    store_contents()
    assert [(row.product, row.unit_count) for row in deployed()] == [("TRN3", 8)]


def test_a_unit_that_becomes_another_product_is_told_at_once(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    store_contents()
    other = Product.objects.get(code="TRN2")
    Unit.objects.filter(serial="C0").update(product=other)
    assert {row.product: row.unit_count for row in deployed()}["TRN2"] == 1


def test_racks_are_stored_a_few_at_a_time(floor: Floor) -> None:
    floor.rack()
    floor.rack("R2", "A02")
    floor.place(floor.servers[0])
    floor.place(floor.servers[1], rack="R2")
    assert [store_contents(limit=1) for _ in range(3)] == [1, 1, 0]
    assert chips() == 8


def test_the_task_asks_for_another_turn_when_much_is_owed(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor.rack()
    floor.place(*floor.servers)
    asked: list[bool] = []
    monkeypatch.setattr("racks.tasks.ROUNDS_MAX", 1)
    monkeypatch.setattr(store_owed_contents, "delay", lambda: asked.append(True))
    store_owed_contents()
    assert asked == [True]


def test_what_stood_before_is_owed_once(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    store_contents()
    executor = MigrationExecutor(connection)
    executor.migrate([("racks", "0002_count_contents")])
    executor = MigrationExecutor(connection)
    executor.migrate([("racks", "0003_owe_contents")])
    assert RackOwed.objects.count() == 1


def chips() -> int:
    """Chips in place."""
    rows: list[Deployed] = deployed()
    return sum(row.unit_count for row in rows if row.is_chip)
