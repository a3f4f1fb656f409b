"""What is in process beside a fleet: the same few lots however large it is, by the service."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from lots.domain.commands import Command, HoldOrder, LotOrder
from lots.domain.words import HoldClass, LotKind, Source, UnitOfMeasure
from lots.models import Lot, Step
from lots.services import hold_lot, move_lot, receive_lot

LOTS = 60
STEPS = ("FAB", "WAT", "RCV", "BUMP", "CP1")
HELD_EVERY = 5
WAFERS = tuple(range(1, 26))


def add_work() -> None:
    """Wafer lots at every step up to sort, some on hold, some late."""
    steps = {step.code: step for step in Step.objects.filter(route_version__route__code="A")}
    for number in range(LOTS):
        lot = _received(number)
        for code in STEPS[: number % (len(STEPS) + 1)]:
            move_lot(lot=lot, to_step=steps[code], command=_command(number))
            lot.refresh_from_db()
        if number % HELD_EVERY == 0:
            order = HoldOrder(HoldClass.QUALITY, "Particles on the last three wafers")
            hold_lot(lot=lot, order=order, command=_command(number))


def _received(number: int) -> Lot:
    order = LotOrder(
        code=f"WIP-{number:03d}",
        kind=LotKind.WAFER,
        product_code="TRN3-DIE",
        route_code="A",
        step_code="START",
        custodian_code="TSMC",
        unit_of_measure=UnitOfMeasure.WAFER,
        quantity=len(WAFERS),
        wafers=WAFERS,
        due_on=timezone.localdate() + timedelta(days=number - LOTS // 2),
    )
    return receive_lot(order=order, command=_command(number)).lot


def _command(number: int) -> Command:
    """A key of its own each time."""
    return Command(
        f"benchmark:{uuid4()}", timezone.now() - timedelta(days=number), Source.SYSTEM, reason=""
    )
