"""What a file names besides results: equipment, program, bins and parameters, added when new."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from testing.domain.identity import stored_text
from testing.domain.program_changes import LimitRow, own_limit_change
from testing.domain.records import BinRecord, ParameterRecord
from testing.domain.words import EquipmentKind
from testing.models import (
    BinDefinition,
    Equipment,
    Parameter,
    Program,
    ProgramRevision,
    Run,
    RunLimit,
)

UNNAMED = "unnamed"
NAME_CHARACTERS_MAX = 120
TEXT_CHARACTERS_MAX = 255
UNITS_CHARACTERS_MAX = 32
SMALL_INTEGER_MAX = 32767


def known_equipment(kind: EquipmentKind, code: str, model: str = "") -> Equipment:
    """The equipment of this code; a file that gives none means the unnamed one."""
    equipment, _ = Equipment.objects.get_or_create(
        kind=kind,
        code=stored_text(code, NAME_CHARACTERS_MAX) or UNNAMED,
        defaults={"model": stored_text(model, NAME_CHARACTERS_MAX)},
    )
    return equipment


def named_equipment(kind: EquipmentKind, code: str) -> Equipment | None:
    """The equipment of this code; None where the file gives none."""
    return known_equipment(kind, code) if stored_text(code, NAME_CHARACTERS_MAX) else None


def known_revision(product_id: int, program: str, revision: str) -> ProgramRevision:
    """The revision of the product's program, unreleased when it is new."""
    known, _ = Program.objects.get_or_create(
        product_id=product_id, code=stored_text(program, NAME_CHARACTERS_MAX) or UNNAMED
    )
    found, _ = ProgramRevision.objects.get_or_create(
        program=known, revision=stored_text(revision, NAME_CHARACTERS_MAX)
    )
    return found


def add_bins(revision: ProgramRevision, bins: Sequence[BinRecord]) -> None:
    """Define the bins that the revision lacks; what stands is left as it is."""
    by_key = {(record.kind, record.number): record for record in bins}
    known = set(revision.bins.values_list("kind", "number"))
    BinDefinition.objects.bulk_create(
        (
            BinDefinition(
                revision=revision,
                kind=kind,
                number=number,
                name=stored_text(by_key[kind, number].name, NAME_CHARACTERS_MAX),
                passes=by_key[kind, number].passes,
            )
            for kind, number in sorted(by_key.keys() - known)
        ),
        ignore_conflicts=True,
    )


@dataclass(frozen=True, slots=True)
class KnownParameters:
    """ids: our id of each record, (record,). limits: id → what the revision has."""

    ids: NDArray[np.int64]
    limits: Mapping[int, LimitRow]


def known_parameters(
    revision: ProgramRevision, records: Sequence[ParameterRecord]
) -> KnownParameters:
    """The parameters of the records; those that the revision lacks are added."""
    keys = [_key(record) for record in records]
    known = _known_parameters(revision)
    missing = {key: record for key, record in zip(keys, records, strict=True) if key not in known}
    if missing:
        Parameter.objects.bulk_create(
            (_parameter(revision, missing[key]) for key in sorted(missing)),
            batch_size=1000,
            ignore_conflicts=True,
        )
        known = _known_parameters(revision)
    ids = np.array([known[key][0] for key in keys], dtype=np.int64)
    return KnownParameters(ids, dict(known.values()))


def note_own_limits(run: Run, records: Sequence[ParameterRecord], known: KnownParameters) -> None:
    """Keep the limits that the run's file states where its revision has others."""
    own: dict[int, LimitRow] = {}
    for parameter_id, record in zip(known.ids.tolist(), records, strict=True):
        own.setdefault(parameter_id, _limits(record))
    RunLimit.objects.bulk_create(
        (
            RunLimit(
                run=run,
                parameter_id=parameter_id,
                units=stated.units,
                limit_low=stated.low,
                limit_high=stated.high,
            )
            for parameter_id, stated in own.items()
            if own_limit_change(known.limits[parameter_id], stated)
        ),
        batch_size=1000,
    )


ParameterKey = tuple[int, str, int]


def _key(record: ParameterRecord) -> ParameterKey:
    occurrence = min(record.occurrence, SMALL_INTEGER_MAX)
    return record.number, stored_text(record.text, TEXT_CHARACTERS_MAX), occurrence


def _known_parameters(revision: ProgramRevision) -> dict[ParameterKey, tuple[int, LimitRow]]:
    rows = revision.parameters.order_by().values_list(
        "number", "text", "occurrence", "units", "limit_low", "limit_high", "id"
    )
    return {row[:3]: (row[-1], LimitRow(*row[:-1])) for row in rows}


def _limits(record: ParameterRecord) -> LimitRow:
    """As they are stored."""
    return LimitRow(
        *_key(record),
        units=stored_text(record.units, UNITS_CHARACTERS_MAX),
        low=finite(record.limit_low),
        high=finite(record.limit_high),
    )


def _parameter(revision: ProgramRevision, record: ParameterRecord) -> Parameter:
    stored = _limits(record)
    return Parameter(
        revision=revision,
        number=stored.number,
        text=stored.text,
        occurrence=stored.occurrence,
        kind=record.kind,
        units=stored.units,
        scale=record.scale,
        limit_low=stored.low,
        limit_high=stored.high,
    )


def finite(value: float | None) -> float | None:
    """None for what is infinite or no number: a limit that is none, a temperature not given."""
    return value if value is not None and math.isfinite(value) else None
