"""One test over chosen lots: values from storage, and what of them is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from django.db.models import Q
from numpy.typing import NDArray

from supplychain.base.deferred import pc
from testing.domain.words import Outcome, place_name
from testing.models import Parameter, Run
from testing.selectors import (
    Insertions,
    heads_of,
    readings_of_test,
    runs,
    same_test_ids,
    that_count,
    with_heads,
)

FLOATS = NDArray[np.float64]
TESTS_MAX = 60
RUNS_MAX = 400
RUNS_DEFAULT = 40
ROWS_MAX = 5_000_000
NUMBER_DIGITS_MAX = 18
CHOICES_MAX = 200


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of a test's values. Empty, None: whatever there is, of the newest runs."""

    lots: tuple[str, ...] = ()
    step: str = ""
    tester: str = ""
    revision: str = ""
    head: int | None = None
    site: int | None = None
    insertions: Insertions = Insertions.ALL

    @property
    def is_narrowed(self) -> bool:
        is_placed = self.head is not None or self.site is not None
        return bool(self.lots or self.tester or self.revision or is_placed)


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of a selection. table: `readings_of_test` with the head beside it, NaN left in.

    runs: in order of time.

    is_cut: there are more runs than are read.
    """

    selection: Selection
    runs: tuple[Run, ...]
    table: pa.Table
    is_cut: bool

    @property
    def run_id(self) -> NDArray[np.int64]:
        """(reading,), of measured ones."""
        found: NDArray[np.int64] = self._measured("run_id")
        return found

    @property
    def head(self) -> NDArray[np.int16]:
        """(reading,), of measured ones."""
        found: NDArray[np.int16] = self._measured("head")
        return found

    @property
    def site(self) -> NDArray[np.int16]:
        """(reading,), of measured ones."""
        found: NDArray[np.int16] = self._measured("site")
        return found

    @property
    def value(self) -> FLOATS:
        """(reading,), base units, of measured ones."""
        found: FLOATS = self._measured("value")
        return found

    @property
    def unmeasured(self) -> int:
        """Readings without a value."""
        return int(self.table.num_rows - len(self.value))

    @property
    def fails(self) -> int:
        """Readings flagged as failed."""
        return int(pc.sum(pc.equal(self.table.column("outcome"), Outcome.FAIL.value)).as_py() or 0)

    def _measured(self, name: str) -> Any:
        told = np.isfinite(self.table.column("value").to_numpy())
        return self.table.column(name).to_numpy()[told]


def found_tests(text: str, product: str) -> tuple[Parameter, ...]:
    """Tests of this number or with this in their name, one for each product."""
    tests = Parameter.objects.all()
    if text:
        wanted = Q(text__icontains=text)
        if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX:
            wanted |= Q(number=int(text))
        tests = tests.filter(wanted)
    if product:
        tests = tests.filter(revision__program__product__code=product)
    order = ("revision__program__product__code", "number", "text", "occurrence")
    return tuple(
        tests.select_related("revision__program__product")
        .order_by(*order, "-pk")
        .distinct(*order)[:TESTS_MAX]
    )


def sample(test: Parameter, selection: Selection) -> Sample:
    """Of runs that count. RefusedError for more than ROWS_MAX readings."""
    ids = same_test_ids(test)
    found = runs().filter(that_count(), revision__parameters__in=ids)
    narrowed = {
        "lot_step__lot__code__in": selection.lots,
        "lot_step__step__code": selection.step,
        "tester__code": selection.tester,
        "revision__revision": selection.revision,
    }
    found = found.filter(**{name: value for name, value in narrowed.items() if value})
    most = RUNS_MAX if selection.lots else RUNS_DEFAULT
    newest = list(with_heads(found, ids).order_by("-started_at", "-pk")[: most + 1])
    kept = tuple(reversed(newest[:most]))
    table = readings_of_test([run.pk for run in kept], ids, selection.insertions, ROWS_MAX)
    table = table.append_column("head", pa.array(heads_of(kept, table)))
    for name, asked in (("head", selection.head), ("site", selection.site)):
        if asked is not None:
            table = table.filter(table.column(name).to_numpy() == asked)
    return Sample(selection, kept, table, len(newest) > most)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the test's values may be narrowed by."""

    steps: tuple[str, ...]
    testers: tuple[str, ...]
    revisions: tuple[str, ...]


def choices_of(test: Parameter) -> Choices:
    """Of all runs that have the test and count."""
    found = Run.objects.filter(that_count(), revision__parameters__in=same_test_ids(test))
    names = ("lot_step__step__code", "tester__code", "revision__revision")
    return Choices(
        *(
            tuple(found.order_by(name).values_list(name, flat=True).distinct()[:CHOICES_MAX])
            for name in names
        )
    )


def by_run(found: Sample) -> list[tuple[Run, FLOATS]]:
    """Runs with values, in order of time."""
    run_id, value = found.run_id, found.value
    return [(run, value[run_id == run.pk]) for run in found.runs if (run_id == run.pk).any()]


def by_site(found: Sample) -> list[tuple[str, FLOATS]]:
    """Sites with values, in order; named with their head where there are several heads."""
    head, site, value = found.head, found.site, found.value
    places = sorted(set(zip(head.tolist(), site.tolist(), strict=True)))
    return [(place_name(one, places), value[(head == one[0]) & (site == one[1])]) for one in places]


def lot_medians(found: Sample) -> list[float]:
    """Median of each lot's values."""
    lots: dict[int, list[FLOATS]] = {}
    for run, values in by_run(found):
        lots.setdefault(run.lot_step.lot_id, []).append(values)
    return [float(np.median(np.concatenate(values))) for values in lots.values()]


def reading_rows(test: Parameter, samples: Sequence[Sample]) -> pa.Table:
    """Every reading that is drawn, as a table to take away; value in base units."""
    return pa.concat_tables(
        [_rows(test, name, one) for name, one in zip("AB", samples, strict=False)]
    )


def _rows(test: Parameter, name: str, one: Sample) -> pa.Table:
    place = {run.pk: index for index, run in enumerate(one.runs)}
    ids, at = np.unique(one.table.column("run_id").to_numpy(), return_inverse=True)
    index = pa.array(np.array([place[run_id] for run_id in ids.tolist()], dtype=np.int64)[at])
    of_runs = {
        "lot": [run.lot_step.lot.code for run in one.runs],
        "step": [run.lot_step.step.code for run in one.runs],
        "run": [run.key for run in one.runs],
        "tester": [run.tester.code for run in one.runs],
        "revision": [run.revision.revision for run in one.runs],
    }
    started = pa.array([run.started_at for run in one.runs], pa.timestamp("us", "UTC"))
    size = one.table.num_rows
    return pa.table(
        {
            "selection": pa.array([name] * size, pa.string()),
            **{key: pa.array(words, pa.string()).take(index) for key, words in of_runs.items()},
            "started_at": started.take(index),
            "part_index": one.table.column("part_index"),
            "head": one.table.column("head"),
            "site": one.table.column("site"),
            "test": pa.array([str(test)] * size, pa.string()),
            "value": one.table.column("value"),
            "unit": pa.array([test.units] * size, pa.string()),
            "outcome": one.table.column("outcome"),
        }
    )
