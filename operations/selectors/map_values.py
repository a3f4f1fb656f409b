"""Values of one test by place: of a wafer's dies, or averaged over the wafers of a lot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from lots.models import Step
from operations.domain.measures import Scaled, scaled
from operations.selectors.map_layers import Insertion, Material, insertions
from supplychain.base.errors import MissingError
from testing.domain.words import Outcome
from testing.models import Parameter
from testing.selectors import Insertions, readings_of_test, same_test_ids


@dataclass(frozen=True, slots=True)
class PlacedValue:
    """value: in base units; the mean where there are several. failed: of `count` readings."""

    x: int
    y: int
    value: float
    count: int
    failed: int


@dataclass(frozen=True, slots=True)
class PlacedValues:
    """The deciding insertions' values, in order of y and x. unmeasured: places without a value."""

    test: Parameter
    places: tuple[PlacedValue, ...]
    unmeasured: int

    @property
    def scaled(self) -> Scaled:
        """How the values are shown."""
        return scaled(self.test.units, self.test.scale)


def parameter_by_id(word: str) -> Parameter:
    """By its id as an address has it. MissingError for none."""
    is_id = word.isascii() and word.isdigit() and len(word) < 19
    found = Parameter.objects.select_related("revision__program").filter(
        pk=int(word) if is_id else 0
    )
    test = found.first()
    if test is None:
        raise MissingError("There is no such test. Choose one from the list.")
    return test


def placed_values(material: Material, step: Step, test: Parameter) -> PlacedValues:
    """Of every revision that has the test. Where two lots tested a wafer, the later run counts."""
    rows = [one for one in insertions(material, step) if one.is_final]
    lasts = {(one.wafer_id, one.y, one.x): one for one in rows}
    table = readings_of_test(
        sorted({one.run_id for one in rows}), same_test_ids(test), Insertions.FINAL
    )
    return gathered(test, list(lasts.values()), table)


def gathered(test: Parameter, rows: Sequence[Insertion], table: pa.Table) -> PlacedValues:
    """Readings put where their dies lie. table: columns of `readings_of_test`."""
    place = {(one.run_id, one.part_index): (one.y, one.x) for one in rows}
    values: dict[tuple[int, int], list[float]] = defaultdict(list)
    failed: dict[tuple[int, int], int] = defaultdict(int)
    columns = [table.column(name).to_pylist() for name in ("run_id", "part_index", "outcome")]
    numbers = table.column("value").to_numpy()
    for run_id, part_index, outcome, value in zip(*columns, numbers, strict=True):
        at = place.get((run_id, part_index))
        if at is not None:
            failed[at] += outcome == Outcome.FAIL
            if np.isfinite(value):
                values[at].append(float(value))
    return PlacedValues(
        test=test,
        places=tuple(
            PlacedValue(x, y, float(np.mean(found)), len(found), failed[y, x])
            for (y, x), found in sorted(values.items())
        ),
        unmeasured=len(set(place.values()) - set(values)),
    )
