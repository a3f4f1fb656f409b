"""Lots and holds held against the ledger after an edit by hand."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from lots.domain.commands import HoldOrder, Selection
from lots.domain.words import HoldClass, HoldScope, Verb
from lots.models import Event, Lot, Product, ReasonCode
from lots.selectors.verifying import first_fault
from lots.services import bin_down, hold_lot, move_lot, split_lot
from lots.tests.making import T0, command, counted_lot, wafer_lot
from lots.tests.test_queue_limits import limited_route
from lots.tests.test_taking_back import corrected

pytestmark = pytest.mark.usefixtures("catalogue", "unguarded")
OTHER_PRODUCT = """UPDATE lots_lot SET product_id = (
    SELECT id FROM lots_product WHERE code = 'TRN2'
)"""
OTHER_STEP = """UPDATE lots_lot SET rework_return_step_id = (
    SELECT MIN(id) FROM lots_step WHERE code = 'SFT'
)"""
OTHER_VERSION = """UPDATE lots_lot SET route_version_id = (
    SELECT version.id FROM lots_routeversion AS version
    JOIN lots_route AS route ON route.id = version.route_id WHERE route.code = 'B' LIMIT 1
)"""


@pytest.fixture
def unguarded(catalogue: None) -> None:
    """As one who owns the tables and switches their triggers off."""
    with connection.cursor() as cursor:
        for table in ["lots_lot", "lots_hold", "lots_holditem"]:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def edit(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (OTHER_PRODUCT, "product TRN2, its ledger says NSW-1"),
        ("UPDATE lots_lot SET kind = 'wafer'", "kind wafer, its ledger says "),
        ("UPDATE lots_lot SET waiting_since = now()", "waiting_since 2.*, its ledger says None"),
        (
            "UPDATE lots_lot SET step_entered_at = started_at - interval '9 days'",
            "step_entered_at 2025-02-20",
        ),
        (
            "UPDATE lots_lot SET started_at = step_entered_at - interval '9 days'",
            "started_at 2025-02-20",
        ),
        ("UPDATE lots_lot SET equipment = 'ATE-9'", "equipment ATE-9, its ledger says $"),
        ("UPDATE lots_lot SET is_pilot = TRUE", "is_pilot True, its ledger says False"),
        ("UPDATE lots_lot SET rework_attempt = 3", "rework_attempt 3, its ledger says 0"),
        (OTHER_STEP, "rework_return_step_id "),
        ("UPDATE lots_lot SET state = 'withdrawn', quantity = quantity", "says withdrawn at "),
        (OTHER_VERSION, "says another route than its step is of"),
    ],
)
def test_edited_lot_is_named(sql: str, message: str) -> None:
    lot = counted_lot()
    edit(sql)
    fault = first_fault()
    assert fault is not None and fault.seq == Event.objects.get(lot=lot).seq
    assert re.search(message, fault.what), fault.what


def test_lot_that_was_taken_back_stays_so() -> None:
    lot = counted_lot()
    undone = corrected(Event.objects.get(lot=lot))
    assert first_fault() is None
    edit("UPDATE lots_lot SET state = 'active'")
    fault = first_fault()
    assert fault is not None and fault.seq == undone.seq
    assert fault.what == "lot N1 says is_withdrawn False, its ledger says True"


def test_lot_that_no_event_tells_of_is_named() -> None:
    lot = counted_lot()
    Lot(
        code="N9",
        kind=lot.kind,
        product=lot.product,
        route_version=lot.route_version,
        step=lot.step,
        step_entered_at=T0,
        started_at=T0,
        custodian=lot.custodian,
        unit_of_measure=lot.unit_of_measure,
        quantity=0,
    ).save()
    fault = first_fault()
    assert fault is not None and fault.what == "lot N9 is there, and no event tells of it"


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "UPDATE lots_hold SET hold_class = 'quality'",
            "says quality, wafer, dirt, 2 3, its ledger says ",
        ),
        ("UPDATE lots_hold SET reason = 'none'", "says engineering, wafer, none, 2 3, its"),
        (
            """UPDATE lots_holditem SET wafer_id = (SELECT id FROM lots_wafer WHERE number = 1)
            WHERE wafer_id = (SELECT id FROM lots_wafer WHERE number = 2)""",
            "says engineering, wafer, dirt, 1 3, its ledger says engineering, wafer, dirt, 2 3",
        ),
    ],
)
def test_edited_hold_is_named(sql: str, message: str) -> None:
    lot = wafer_lot()
    order = HoldOrder(HoldClass.ENGINEERING, "dirt", scope=HoldScope.WAFER, wafers=(2, 3))
    event = hold_lot(lot=lot, order=order, command=command())
    assert first_fault() is None
    edit(sql)
    fault = first_fault()
    assert fault is not None and (fault.seq, message in fault.what) == (event.seq, True), fault


def test_lesser_product_of_binned_units_is_proven() -> None:
    """Also its bill; what was split off them is of it too."""
    lot = counted_lot()
    Product.objects.create(code="NSW-L", name="Lite", family="Switch", kind="switch")
    reason = ReasonCode.objects.filter(verb=Verb.BIN).values_list("code", flat=True)[0]
    bin_down(
        lot=lot,
        child_code="N1.L",
        product_code="NSW-L",
        selection=Selection(quantity=4),
        command=command(reason=reason),
    )
    split_lot(
        lot=Lot.objects.get(code="N1.L"),
        child_code="N1.L.1",
        selection=Selection(quantity=1),
        command=command(),
    )
    assert first_fault() is None
    edit(OTHER_PRODUCT)
    fault = first_fault()
    assert fault is not None and "product TRN2, its ledger says NSW-1" in fault.what
    edit("UPDATE lots_lot SET product_id = (SELECT id FROM lots_product WHERE code = 'NSW-1')")
    fault = first_fault()
    assert fault is not None and "N1.L says product NSW-1, its ledger says NSW-L" in fault.what


def test_edited_clock_is_named() -> None:
    sft = limited_route().steps.get(code="SFT")
    lot = counted_lot()
    left = move_lot(lot=lot, to_step=sft, command=command(hours=1))
    assert first_fault() is None
    edit("UPDATE lots_queueclock SET since = since + interval '9 hours'")
    fault = first_fault()
    assert fault is not None and fault.seq == left.seq
    assert fault.what.startswith("a clock of lot N1 runs since 2025-03-01 18:00:00")
