"""Units that passed and stand out, by limits that people approved."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from lots.models import Lot, Product
from lots.tests.making import step, wafer_lot
from quality.detectors.outliers import BadNeighbourhood, NeighbourResidual, Outliers, PartAverage
from quality.domain.findings import Finding
from quality.domain.limit_sets import LimitAsked
from quality.domain.words import LimitKind
from quality.models import LimitVersion
from quality.selectors import limit_history
from quality.selectors.limit_history import simulated
from quality.selectors.limit_versions import asked_by, limits_of
from quality.services import approve_limit, prepare_limit, summarise_owed
from quality.tests.building import NOW
from quality.tests.test_limit_versions import engineer
from supplychain.base.errors import RefusedError
from testing.domain.words import Outcome
from testing.models import Parameter
from testing.services import record_run
from testing.tests.builders import Part, Session

pytestmark = pytest.mark.usefixtures("rules", "files_folder")

SIDE = 8
EARLY = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = {
    LimitKind.STATIC_PAT: PartAverage(),
    LimitKind.DYNAMIC_PAT: PartAverage(),
    LimitKind.NNR: NeighbourResidual(),
    LimitKind.GDBN: BadNeighbourhood(),
}


def sorted_lot(
    number: int,
    odd: dict[tuple[int, int], float] | None = None,
    bad: set[tuple[int, int]] | None = None,
    tilt: float = 0,
) -> Lot:
    """One wafer of 8 by 8 dies through CP1 with values about 10 mA that rise by `tilt` a column."""
    lot = wafer_lot(f"V{number}", step="CP1", wafers=1)
    values = np.random.default_rng(number).normal(10, 0.1, (SIDE, SIDE))
    odd, bad = odd or {}, bad or set()
    parts = [
        Part(
            part_id=f"{x}-{y}",
            place=(0, x, y),
            outcome=Outcome.FAIL if (x, y) in bad else Outcome.PASS,
            value=odd.get((x, y), float(values[x, y]) + tilt * x),
        )
        for x in range(SIDE)
        for y in range(SIDE)
    ]
    session = Session(
        lot_id=lot.pk,
        step_id=step("A", "CP1").pk,
        product_id=Product.objects.get(code="TRN3-DIE").pk,
        parts=parts,
        sha256=f"{number:064d}",
        hours=24 * number,
        wafer_ids=tuple(lot.wafers.values_list("pk", flat=True)),
    )
    record_run(session.record())
    summarise_owed(now=NOW)
    return lot


def limit(kind: LimitKind, **more: Any) -> LimitVersion:
    """Approved before the first lot was tested, from the lots that are there."""
    test = Parameter.objects.get() if kind is not LimitKind.GDBN else None
    asked = LimitAsked(
        product_id=Product.objects.get(code="TRN3-DIE").pk,
        step_code="CP1",
        kind=kind,
        subject=str(test or ""),
        parameter_id=test.pk if test else None,
        **{"sigmas": 6, **more},
    )
    version = prepare_limit(
        asked=asked, left_out={}, reason="outgoing quality", valid_from=None, actor=engineer("ann")
    )
    return approve_limit(version_id=version.pk, actor=engineer("bob"), now=EARLY)


def judged(detector: Outliers, lot: Lot) -> list[Finding]:
    return detector.judge([lot.pk], {}, NOW)


def units(found: Finding) -> list[dict[str, Any]]:
    return found.evidence.facts["units"]  # type: ignore[return-value]


def test_without_an_approved_limit_nothing_is_looked_at(django_assert_num_queries: Any) -> None:
    lot = sorted_lot(1, odd={(3, 3): 20})
    with django_assert_num_queries(2):
        assert judged(PartAverage(), lot) == []


def test_value_beyond_the_static_limit_is_found_with_its_die_and_version() -> None:
    for number in range(6):
        sorted_lot(number)
    version = limit(LimitKind.STATIC_PAT)
    lot = sorted_lot(7, odd={(3, 4): 12})
    (found,) = judged(PartAverage(), lot)
    assert found.evidence.facts["limit_version"] == str(version)
    assert units(found) == [
        {"unit": units(found)[0]["unit"], "wafer": "V7-01", "x": 3, "y": 4, "value": 12.0}
    ]
    assert found.title == "1 of V7 at CP1 passed beyond a part average limit, STATIC-PAT 100 idd"
    (picture,) = found.evidence.pictures
    assert picture.points[-1].value == 12.0
    assert [point.is_flagged for point in picture.points].count(True) == 1
    assert (picture.low, picture.high) == (version.low, version.high)
    assert version.middle == pytest.approx(10, abs=0.05)
    assert version.high == pytest.approx(10.6, abs=0.1)


def test_units_that_failed_are_no_outliers() -> None:
    for number in range(6):
        sorted_lot(number)
    limit(LimitKind.STATIC_PAT)
    assert judged(PartAverage(), sorted_lot(7, odd={(3, 4): 12}, bad={(3, 4)})) == []


def test_dynamic_limit_follows_the_lot_itself() -> None:
    sorted_lot(0)
    limit(LimitKind.DYNAMIC_PAT)
    shifted = {(x, y): 30 + 0.01 * (x + y) for x in range(SIDE) for y in range(SIDE)}
    (found,) = judged(PartAverage(), sorted_lot(1, odd={**shifted, (0, 0): 10}))
    assert [(unit["x"], unit["y"]) for unit in units(found)] == [(0, 0)]


def test_a_die_unlike_its_neighbours_is_found_on_a_tilted_wafer() -> None:
    for number in range(6):
        sorted_lot(number, tilt=0.2)
    limit(LimitKind.NNR)
    (found,) = judged(NeighbourResidual(), sorted_lot(7, tilt=0.2, odd={(1, 4): 16.2}))
    assert [(unit["x"], unit["y"]) for unit in units(found)] == [(1, 4)]
    assert "less that of its neighbours" in found.evidence.pictures[0].title
    assert units(found)[0]["value"] == pytest.approx(6, abs=0.5)


def test_a_good_die_among_failing_ones_is_found() -> None:
    limit(LimitKind.GDBN)
    ring = {(x, y) for x in (2, 3, 4) for y in (2, 3, 4)} - {(3, 3)}
    (found,) = judged(BadNeighbourhood(), sorted_lot(1, bad=ring))
    assert [(unit["x"], unit["y"]) for unit in units(found)] == [(3, 3)]
    assert "value" not in units(found)[0]
    facts = found.evidence.facts
    assert (facts["wafer"], facts["shape"]) == ("V1-01", [[3, 3]])
    dies: Any = facts["map"]
    assert sum(is_bad for *_, is_bad in dies) == 8
    assert found.evidence.pictures == ()


def test_fewer_outliers_than_the_version_flags_are_let_pass() -> None:
    limit(LimitKind.GDBN, count_min=2)
    ring = {(x, y) for x in (2, 3, 4) for y in (2, 3, 4)} - {(3, 3)}
    assert judged(BadNeighbourhood(), sorted_lot(1, bad=ring)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_history_shows_what_each_kind_would_have_held(kind: LimitKind) -> None:
    ring = {(x, y) for x in (2, 3, 4) for y in (2, 3, 4)} - {(3, 3)}
    for number in range(5):
        sorted_lot(number)
    lot = sorted_lot(5, odd={(3, 3): 20}, bad=ring if kind is LimitKind.GDBN else set())
    version = limit(kind)
    held = [one for one in simulated(asked_by(version), limits_of(version)) if one.is_held]
    assert [one.lot.lot_code for one in held] == [lot.code]
    (unit,) = held[0].units
    assert unit.place == (3, 3)
    assert math.isnan(unit.value) is (kind is LimitKind.GDBN)
    (found,) = judged(KINDS[kind], lot)
    assert found.evidence.value == 1


@pytest.mark.parametrize("kind", KINDS)
def test_history_reaches_farther_than_is_read_at_once(
    kind: LimitKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = {(x, y) for x in (2, 3, 4) for y in (2, 3, 4)} - {(3, 3)}
    bad = ring if kind is LimitKind.GDBN else set()
    lots = [sorted_lot(0, odd={(3, 3): 20}, bad=bad), *map(sorted_lot, range(1, 5))]
    version = limit(kind)
    asked, limits = asked_by(version), limits_of(version)
    monkeypatch.setattr(limit_history, "PART_LOTS_MAX", 2)
    found = simulated(asked, limits)
    assert [one.lot.lot_code for one in found] == [lot.code for lot in lots]
    assert [one.is_held for one in found] == [True, False, False, False, False]


def test_a_test_without_values_gives_no_limit() -> None:
    sorted_lot(0, bad={(x, y) for x in range(SIDE) for y in range(SIDE)})
    with pytest.raises(RefusedError, match="give no limit"):
        limit(LimitKind.STATIC_PAT)


def test_too_few_values_give_no_dynamic_limit() -> None:
    bad = {(x, y) for x in range(SIDE) for y in range(SIDE) if x > 2}
    sorted_lot(0)
    limit(LimitKind.DYNAMIC_PAT)
    assert judged(PartAverage(), sorted_lot(1, odd={(0, 0): 30}, bad=bad)) == []
