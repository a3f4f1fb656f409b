from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from lots.domain.commands import HoldOrder
from lots.domain.errors import HeldError
from lots.domain.words import HoldClass
from lots.models import Event, Unit
from lots.services import hold_lot
from racks.models import Placement
from racks.tests.conftest import Floor, command
from supplychain.base.errors import RefusedError


@pytest.mark.django_db(transaction=True)
def test_two_units_meant_for_one_slot_at_once_leave_one_in_it(floor: Floor) -> None:
    floor.rack()

    def place(unit: Unit) -> bool:
        try:
            floor.place(unit)
        except RefusedError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=3) as pool:
        placed = list(pool.map(place, [*floor.servers, floor.switch]))
    assert sorted(placed) == [False, False, True]
    assert Placement.objects.count() == 1


def hold_in_thread(floor: Floor) -> Future[Event]:
    """A hold on the chips, ordered from a connection of its own."""
    order = HoldOrder(hold_class=HoldClass.QUALITY, reason="particles")

    def hold() -> Event:
        try:
            return hold_lot(lot=floor.chips, order=order, command=command("hold"))
        finally:
            connection.close()

    pool = ThreadPoolExecutor(max_workers=1)
    answer = pool.submit(hold)
    pool.shutdown(wait=False)
    return answer


@pytest.mark.django_db(transaction=True)
def test_a_hold_on_what_is_inside_waits_until_the_unit_is_placed(floor: Floor) -> None:
    floor.rack()
    with transaction.atomic():
        floor.place(floor.servers[0])
        answer = hold_in_thread(floor)
        with pytest.raises(TimeoutError):
            answer.result(timeout=0.3)
    assert answer.result(timeout=10).verb == "hold"
    assert Placement.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_comes_on_hold_while_it_is_placed_is_refused(floor: Floor) -> None:
    floor.rack()

    def place() -> None:
        try:
            floor.place(floor.servers[0])
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            floor.hold(floor.chips)
            answer = pool.submit(place)
            with pytest.raises(TimeoutError):
                answer.result(timeout=0.3)
        with pytest.raises(HeldError, match="particles"):
            answer.result(timeout=10)
    assert not Placement.objects.exists()
