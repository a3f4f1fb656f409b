from __future__ import annotations

from pathlib import Path

import pytest

from intake.domain.words import FileState
from intake.services import (
    drain,
    let_file_create_lots,
)
from intake.tests.handing import again, loaded
from intake.tests.stdf_builder import final_test_file, sort_file
from lots.models import Lot, Product
from lots.tests.making import wafer_lot

SORT = sort_file(lot="W1", flow="CP1", wafers=("W1-01", "2"), part_type="TRN3-DIE")


@pytest.fixture
def w1(material: Path) -> Lot:
    return wafer_lot("W1", step="CP1")


def test_an_unknown_lot_may_become_an_engineering_lot(material: Path) -> None:
    file = loaded(sort_file(lot="X9", wafers=("02", "X9-03")), creates_lots=True)
    assert file.state == FileState.LOADED
    lot = Lot.objects.get(code="X9")
    assert (lot.purpose, lot.quantity, lot.product.is_engineering) == ("engineering", 2, True)
    assert [wafer.code for wafer in lot.wafers.all()] == ["X9-02", "X9-03"]


def test_a_second_file_brings_its_wafers_to_the_engineering_lot(material: Path) -> None:
    loaded(sort_file(lot="X9", wafers=("02",)), creates_lots=True)
    second = loaded(sort_file(lot="X9", wafers=("03",)), creates_lots=True)
    assert second.state == FileState.LOADED
    assert Lot.objects.get(code="X9").quantity == 2


def test_a_file_without_lot_or_product_is_named_after_itself(material: Path) -> None:
    content = final_test_file(("A", True), ("", True), lot="", part_type="", job="")
    loaded(content, "bench.stdf.gz", creates_lots=True)
    lot = Lot.objects.get(code="bench")
    assert (lot.product.code, lot.quantity, lot.kind) == ("ENGINEERING", 2, "part")


def test_a_production_lot_gets_no_wafers_from_a_file(w1: Lot) -> None:
    file = loaded(sort_file(lot="W1", flow="CP1", wafers=("9",)), creates_lots=True)
    assert file.state == FileState.UNMATCHED
    assert w1.wafers.count() == 3


def test_a_known_product_on_an_engineering_lot_is_its_own(material: Path) -> None:
    loaded(final_test_file(("A", True), lot="X9"), creates_lots=True)
    other = final_test_file(("B", True), lot="X9", part_type="TRN2")
    file = loaded(other, creates_lots=True)
    assert file.run is not None
    assert file.run.revision.program.product == Product.objects.get(code="TRN2")


def test_a_waiting_file_handed_in_again_may_make_its_lot(material: Path) -> None:
    assert loaded(SORT).state == FileState.UNMATCHED
    assert loaded(SORT, creates_lots=True).state == FileState.LOADED


def test_a_person_lets_a_waiting_file_make_its_lot(material: Path) -> None:
    file = loaded(SORT)
    let_file_create_lots(file=file)
    drain()
    assert again(file).state == FileState.LOADED
