from __future__ import annotations

import pytest
from django.apps import apps

from lots.models import Lot
from lots.services import ship_lot
from lots.tests.making import (
    built,
    chip_order,
    command,
    die_lot,
    good_units,
    hold,
    supplier,
)
from lots.tests.permitting import granted

pytestmark = pytest.mark.usefixtures("catalogue")


def test_every_row_says_what_it_is() -> None:
    lot = die_lot()
    built(chip_order("P1", good_units(lot)[:2]))
    hold(lot)
    ship_lot(lot=Lot.objects.get(code="P1"), to=supplier("ODM1"), customer="", command=command())
    granted(lot)
    said = {
        model.__name__: str(row)
        for model in apps.get_app_config("lots").get_models()
        if (row := model._default_manager.order_by("pk").first()) is not None
    }
    assert said == {
        "Bill": "TRN3 v1",
        "BillLine": "2 x TRN3-DIE",
        "Event": said["Event"],
        "EventLine": "in 2 wafer",
        "Genealogy": "W1-01:0:0 in P1-P0 at D0",
        "Hold": "W1: bin spike",
        "LedgerHead": "lots at 5",
        "Lot": "W1",
        "LotLineage": "W1 assemble P1",
        "MergeRule": "Product of all products",
        "Product": "TRN1",
        "ReasonCode": "loss: test-reject",
        "Route": "A",
        "RouteVersion": "A v1",
        "Step": "START",
        "Supplier": "TSMC",
        "Unit": "W1-01:0:0",
        "Wafer": "W1-01",
        "Waiver": "results at DICE for W1",
    }
    assert said["Event"].split()[1] in {"receive", "dice", "assemble", "hold", "ship"}
