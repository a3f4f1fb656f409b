"""Lots for files of unknown material: engineering lots, apart from production for ever."""

from __future__ import annotations

from django.db import connection, transaction

from intake.domain.matching import CODE_CHARACTERS_MAX, engineering_wafer_code, wafer_id
from intake.domain.stdf.run import DecodedRun, Header
from intake.models import RawFile
from intake.services.registry import plain_name
from lots.domain.commands import Command, LotOrder
from lots.domain.words import LotKind, LotPurpose, LotState, Source, UnitKind, UnitOfMeasure
from lots.models import Lot
from lots.services import engineering_product, receive_lot, receive_wafers

ROUTE, STEP, CUSTODIAN = "F", "ENG", "OPS"
UNNAMED_PRODUCT = "ENGINEERING"


def engineering_code(header: Header, file: RawFile) -> str:
    """LOT_ID, else the file's name without its endings."""
    stem = plain_name(file.name).rsplit(".", 1)[0]
    return (header.lot_id or stem or file.sha256)[:CODE_CHARACTERS_MAX].strip()


@transaction.atomic
def make_engineering_lot(file: RawFile, run: DecodedRun) -> Lot:
    """The engineering lot of this file, made if absent, with every wafer that the file names.

    A lot that exists for another purpose is given back as it is.
    """
    code = engineering_code(run.header, file)
    _wait_for_others(code)
    lot = Lot.objects.filter(code=code).exclude(state=LotState.WITHDRAWN).first()
    if lot is None:
        return receive_lot(order=_order(code, run), command=_command(file, run, "lot")).lot
    if lot.purpose == LotPurpose.ENGINEERING:
        wafers = dict(lot.wafers.filter(is_withdrawn=False).values_list("code", "id"))
        missing = tuple(
            engineering_wafer_code(wafer.code, place, code)
            for place, wafer in enumerate(run.wafers, 1)
            if wafer_id(wafer.code, code, wafers) is None
        )
        missing = tuple(name for name in missing if name not in wafers)
        if missing:
            receive_wafers(lot=lot, wafer_codes=missing, command=_command(file, run, "wafers"))
    return lot


def _wait_for_others(code: str) -> None:
    """Two files of one new lot, read at once, make it once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"engineering-lot:{code}"]
        )


def _order(code: str, run: DecodedRun) -> LotOrder:
    wafers = tuple(
        engineering_wafer_code(wafer.code, place, code) for place, wafer in enumerate(run.wafers, 1)
    )
    product = (run.header.part_type or run.header.job_name or UNNAMED_PRODUCT).strip()
    engineering_product(
        code=product[:CODE_CHARACTERS_MAX], kind=UnitKind.DIE if wafers else UnitKind.PACKAGE
    )
    return LotOrder(
        code=code,
        kind=LotKind.WAFER if wafers else LotKind.PART,
        product_code=product[:CODE_CHARACTERS_MAX],
        route_code=ROUTE,
        step_code=STEP,
        custodian_code=CUSTODIAN,
        unit_of_measure=UnitOfMeasure.WAFER if wafers else UnitOfMeasure.PACKAGE,
        quantity=len(wafers) or _part_count(run),
        purpose=LotPurpose.ENGINEERING,
        wafer_codes=wafers,
    )


def _part_count(run: DecodedRun) -> int:
    """Distinct part ids, and every part without one."""
    named = {part_id for part_id in run.parts.part_id if part_id}
    return len(named) + run.parts.part_id.count("")


def _command(file: RawFile, run: DecodedRun, what: str) -> Command:
    return Command(
        op_key=f"engineering-{what}:{file.sha256}",
        occurred_at=run.header.started_at or file.received_at,
        source=Source.FEED,
        source_reference=file.name[-200:],
        reason="test file of unknown material",
    )
