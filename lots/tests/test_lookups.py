from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection

from lots.domain.words import UnitKind
from lots.models import Lot, Wafer
from lots.services import engineering_product
from lots.services.lookups import (
    NewUnit,
    insert_lot,
    insert_units,
    insert_wafers,
    released_step,
    supplier_by_code,
)
from lots.tests.making import T0, counted_lot
from lots.tests.routing import released_route
from supplychain.base.errors import MissingError

pytestmark = pytest.mark.usefixtures("catalogue")


def at_once() -> None:
    """Foreign keys are checked with each statement instead of at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_other_faults_than_a_taken_serial_stay_what_they_are() -> None:
    lot = counted_lot()
    at_once()
    with pytest.raises(IntegrityError, match="created_by"):
        insert_units([NewUnit("S1", "switch", lot.product_id, lot.pk, uuid4())])


def test_other_faults_than_a_taken_wafer_stay_what_they_are() -> None:
    at_once()
    with pytest.raises(IntegrityError, match="lot_id"):
        insert_wafers([Wafer(code="S1", lot_id=987)])


def test_other_faults_than_a_taken_lot_code_stay_what_they_are() -> None:
    like = counted_lot()
    at_once()
    with pytest.raises(IntegrityError, match="custodian"):
        insert_lot(
            Lot(
                code="N9",
                kind=like.kind,
                product=like.product,
                route_version=like.route_version,
                step=like.step,
                step_entered_at=T0,
                custodian_id=987,
                unit_of_measure=like.unit_of_measure,
                quantity=0,
                started_at=T0,
            )
        )


def test_unknown_supplier_is_named() -> None:
    with pytest.raises(MissingError, match="supplier NOBODY"):
        supplier_by_code("NOBODY")


def test_engineering_product_is_made_once() -> None:
    made = engineering_product(code="d10", kind=UnitKind.DIE)
    assert (made.is_engineering, engineering_product(code="d10", kind=UnitKind.DIE)) == (True, made)


def test_known_product_is_no_engineering_product() -> None:
    assert not engineering_product(code="TRN3", kind=UnitKind.DIE).is_engineering


def test_a_new_version_of_a_route_hides_the_steps_it_left_out() -> None:
    newest = released_route("D", {"code": "RCV"})
    assert released_step("D", "RCV").route_version == newest
    with pytest.raises(MissingError, match="No released route D has a step TRAY"):
        released_step("D", "TRAY")
