from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from lots.domain.commands import Command, LotOrder
from lots.domain.words import LotKind, Source, UnitOfMeasure
from lots.models import Lot, Product, Step, Wafer
from lots.services import receive_lot
from testing.tests.builders import Part, Session
from tests.kept_rows import kept, load_kept

RECEIVED_AT = datetime(2026, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """A wafer lot with two wafers, an assembly lot with three chips, and their test steps."""

    wafer_lot: Lot
    wafers: tuple[Wafer, ...]
    sort: Step
    sort_again: Step
    chip_lot: Lot
    final_test: Step
    burn_in: Step
    die: Product
    chip: Product

    def sorted(self, *parts: Part, **changes: Any) -> Session:
        """A sort session over both wafers."""
        given: dict[str, Any] = {
            "lot_id": self.wafer_lot.pk,
            "step_id": self.sort.pk,
            "product_id": self.die.pk,
            "wafer_ids": [wafer.pk for wafer in self.wafers],
        }
        return Session(parts=parts, **{**given, **changes})

    def tested(self, *parts: Part, **changes: Any) -> Session:
        """A final-test session over chips."""
        given: dict[str, Any] = {
            "lot_id": self.chip_lot.pk,
            "step_id": self.final_test.pk,
            "product_id": self.chip.pk,
        }
        return Session(parts=parts, **{**given, **changes})


@pytest.fixture
def line_reference(db: None) -> None:
    """What testing stands on; higher rooms are not needed here."""
    load_kept("lots", "testing")


@pytest.fixture
def line(line_reference: None, files_folder: object) -> Line:
    """Lots and steps that results can be recorded for, with storage of the test's own."""
    return kept("line of testing", make_line)


def make_line() -> Line:
    wafer_lot = _received(
        code="N3-1",
        kind=LotKind.WAFER,
        product_code="TRN3-DIE",
        unit_of_measure=UnitOfMeasure.WAFER,
        quantity=2,
        wafers=(1, 2),
    )
    chip_lot = _received(
        code="AS-1",
        kind=LotKind.ASSEMBLY,
        product_code="TRN3",
        unit_of_measure=UnitOfMeasure.PACKAGE,
        quantity=3,
        serials=("C1", "C2", "C3"),
    )
    steps = {step.code: step for step in Step.objects.filter(route_version=chip_lot.route_version)}
    return Line(
        wafer_lot=wafer_lot,
        wafers=tuple(wafer_lot.wafers.order_by("number")),
        sort=steps["CP1"],
        sort_again=steps["CP2"],
        chip_lot=chip_lot,
        final_test=steps["FT-HOT"],
        burn_in=steps["BI"],
        die=wafer_lot.product,
        chip=chip_lot.product,
    )


def _received(**order: Any) -> Lot:
    placed = LotOrder(route_code="A", step_code="START", custodian_code="TSMC", **order)
    command = Command(op_key=f"receive {placed.code}", occurred_at=RECEIVED_AT, source=Source.FEED)
    return receive_lot(order=placed, command=command).lot
