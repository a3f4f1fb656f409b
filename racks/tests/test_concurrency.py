from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from lots.models import Unit
from racks.models import Placement
from racks.tests.conftest import Floor
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
