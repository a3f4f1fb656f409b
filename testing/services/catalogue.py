"""What a file names besides results: equipment, program, bins and parameters, added when new."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np
from django.db.models import Model, QuerySet
from numpy.typing import NDArray

from testing.domain.identity import stored_text
from testing.domain.records import BinRecord, ParameterRecord
from testing.domain.statements import BinStatement, LimitStatement
from testing.domain.words import EquipmentKind
from testing.models import Equipment, Parameter, Program, ProgramRevision, Run

UNNAMED = "unnamed"
NAME_CHARACTERS_MAX = 120
TEXT_CHARACTERS_MAX = 255
UNITS_CHARACTERS_MAX = 32
SMALL_INTEGER_MAX = 32767
BinKey = tuple[str, int]


def known_equipment(kind: EquipmentKind, code: str, model: str = "") -> Equipment:
    """The equipment of this code; a file that gives none means the unnamed one."""
    name = stored_text(code, NAME_CHARACTERS_MAX) or UNNAMED
    return _known(
        Equipment.objects.filter(kind=kind, code=name),
        Equipment(kind=kind, code=name, model=stored_text(model, NAME_CHARACTERS_MAX)),
    )


def named_equipment(kind: EquipmentKind, code: str) -> Equipment | None:
    """The equipment of this code; None where the file gives none."""
    return known_equipment(kind, code) if stored_text(code, NAME_CHARACTERS_MAX) else None


def known_revision(product_id: int, program: str, revision: str) -> ProgramRevision:
    """The revision of the product's program, unreleased when it is new."""
    code = stored_text(program, NAME_CHARACTERS_MAX) or UNNAMED
    name = stored_text(revision, NAME_CHARACTERS_MAX)
    of = _known(
        Program.objects.filter(product=product_id, code=code),
        Program(product_id=product_id, code=code),
    )
    return _known(
        ProgramRevision.objects.filter(program=of, revision=name),
        ProgramRevision(program=of, revision=name),
    )


Row = TypeVar("Row", bound=Model)


def _known(named: QuerySet[Row], new: Row) -> Row:
    """The row that there is, else the new one; two who add it at once get the same."""
    found = named.first()
    if found is None:
        named.bulk_create([new], ignore_conflicts=True)
        found = named.get()
    return found


def stated_bins(bins: Sequence[BinRecord]) -> dict[BinKey, BinStatement]:
    """Kind and number → what the file says of the bin, as it is stored."""
    return {
        (record.kind, record.number): BinStatement(
            stored_text(record.name, NAME_CHARACTERS_MAX), record.passes
        )
        for record in sorted(bins, key=lambda one: (one.kind, one.number))
    }


@dataclass(frozen=True, slots=True)
class KnownParameters:
    """ids: our id of each record, (record,). stated: id → what the file says of the test."""

    ids: NDArray[np.int64]
    stated: Mapping[int, LimitStatement]


def known_parameters(run: Run, records: Sequence[ParameterRecord]) -> KnownParameters:
    """The parameters of the records; those that the run's revision lacks are added as it says.

    Of several records that are one parameter of ours, the first says how it is.
    """
    keys = [_key(record) for record in records]
    known = _known_parameters(run.revision)
    firsts: dict[ParameterKey, ParameterRecord] = {}
    for key, record in zip(keys, records, strict=True):
        firsts.setdefault(key, record)
    missing = sorted(firsts.keys() - known.keys())
    if missing:
        Parameter.objects.bulk_create(
            (_parameter(run, key, firsts[key]) for key in missing),
            batch_size=1000,
            ignore_conflicts=True,
        )
        known = _known_parameters(run.revision)
    ids = np.array([known[key] for key in keys], dtype=np.int64)
    return KnownParameters(ids, {known[key]: _statement(one) for key, one in firsts.items()})


ParameterKey = tuple[int, str, int]


def _key(record: ParameterRecord) -> ParameterKey:
    occurrence = min(record.occurrence, SMALL_INTEGER_MAX)
    return record.number, stored_text(record.text, TEXT_CHARACTERS_MAX), occurrence


def _known_parameters(revision: ProgramRevision) -> dict[ParameterKey, int]:
    rows = revision.parameters.order_by().values_list("number", "text", "occurrence", "id")
    return {(number, text, occurrence): pk for number, text, occurrence, pk in rows}


def _statement(record: ParameterRecord) -> LimitStatement:
    """As it is stored."""
    return LimitStatement(
        kind=record.kind.value,
        units=stored_text(record.units, UNITS_CHARACTERS_MAX),
        scale=record.scale,
        limit_low=finite(record.limit_low),
        limit_high=finite(record.limit_high),
    )


def _parameter(run: Run, key: ParameterKey, record: ParameterRecord) -> Parameter:
    number, text, occurrence = key
    return Parameter(
        revision=run.revision,
        stated_by=run,
        number=number,
        text=text,
        occurrence=occurrence,
        **asdict(_statement(record)),
    )


def finite(value: float | None) -> float | None:
    """None for what is infinite or no number: a limit that is none, a temperature not given."""
    return value if value is not None and math.isfinite(value) else None
