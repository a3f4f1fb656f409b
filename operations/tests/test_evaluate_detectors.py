"""The bench for detectors beside the service, and the figures that come of it."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command

from lots.models import Step
from operations.management.commands.evaluate_detectors import seeds
from operations.management.evaluation import plans, trials
from operations.management.evaluation.bench import Bench, exposure_of, reference_rules, stack_of
from operations.management.evaluation.rivals import CHARTS, delay_of, limit_of
from quality.detectors.bins import BinAboveLimit
from quality.detectors.drifts import YieldDrift
from quality.detectors.equipment import EquipmentYield
from quality.detectors.retests import RetestRate
from quality.detectors.sites import SiteYield
from quality.detectors.yields import YieldBelowLimit
from quality.domain.dispersion import Count
from quality.domain.words import YieldScope
from quality.models import COUNTS, YieldFigure, YieldPart
from quality.selectors.exposures import PART_TOOLS
from quality.selectors.issues import rule_parameters
from quality.tests.building import NOW, Figures, bare_lot
from quality.tests.conftest import rules
from simulator.streams import Harm, Tested, Trouble, lot_at
from testing.models import LotStep

__all__ = ["rules"]

SEED = 950


def troubled_lots() -> list[Tested]:
    """Ordinary lots, then one of each trouble."""
    lots = [lot_at(SEED, number, "FT-HOT") for number in range(20)]
    tool = f"{lots[0].tester[0]}/2"
    troubles = [
        Trouble(Harm.LEVEL, "FT-HOT", 0.12),
        Trouble(Harm.BIN, "FT-HOT", 0.1),
        Trouble(Harm.SITE, "FT-HOT", 0.1, tool),
        Trouble(Harm.MASKED, "FT-HOT", 0.3),
        *[Trouble(Harm.LEVEL, "FT-HOT", 0.04)] * 4,
    ]
    lots += [lot_at(SEED, 20 + place, "FT-HOT", trouble) for place, trouble in enumerate(troubles)]
    worn = Trouble(Harm.TESTER, "FT-HOT", 0.15, lots[0].tester[0])
    later = [lot_at(SEED, number, "FT-HOT", worn) for number in range(30, 45)]
    return lots + [lot for lot in later if worn.where in lot.tester][:4]


def stored_parts(lot_step: LotStep, lot: Tested) -> None:
    """Counts by tool, as they are written with the figures."""
    slices = {factor: kind for kind, factor in PART_TOOLS.items()}
    zero = dict.fromkeys(COUNTS, 0)
    YieldPart.objects.bulk_create(
        YieldPart(
            lot_step=lot_step,
            slice=slices[tool.factor],
            slice_key=tool.name,
            **{**zero, "tested": count.units, "first_passed": count.passed},
        )
        for tool, count in exposure_of(lot).tools.items()
    )


def stored(lot: Tested) -> int:
    """The lot's figures as the service has them; its id."""
    final, first = lot.final_bin == 0, lot.first_bin == 0
    made = bare_lot(f"L{lot.number:05d}")
    step = Step.objects.get(route_version__route__code="A", code=lot.step)
    for place, tester in enumerate(sorted(set(lot.tester.tolist()))):
        here = lot.tester == tester
        counts = {
            str(site): (int(first[on].sum()), int(on.sum()))
            for site in sorted(set(lot.site.tolist()))
            if (on := here & (lot.site == site)).any()
        }
        if place == 0:
            figures = Figures(
                passed=int(final.sum()),
                first_passed=int(first.sum()),
                tested=len(first),
                bins={str(n): c for n, c in Counter(lot.final_bin[~final].tolist()).items()},
                sites=counts,
                tester=tester,
                days=lot.number,
            )
            lot_step = figures.of(made, step)
            is_again = lot.is_retested
            YieldFigure.objects.filter(lot_step=lot_step, scope=YieldScope.LOT).update(
                retested=int(is_again.sum()), recovered=int((is_again & final).sum())
            )
        else:
            rows = [
                figures._figure(lot_step, YieldScope.SITE, f"{tester}/1/{site}", (ok, ok, units))
                for site, (ok, units) in counts.items()
            ]
            type(rows[0]).objects.bulk_create(rows)
    stored_parts(made.lot_steps.get(), lot)
    return made.pk


@pytest.mark.usefixtures("rules")
def test_bench_finds_what_the_service_finds() -> None:
    bench = Bench(reference_rules())
    detectors = (
        YieldBelowLimit(), YieldDrift(), BinAboveLimit(), SiteYield(), EquipmentYield(),
        RetestRate(),
    )  # fmt: skip
    seen = set()
    for lot in troubled_lots():
        lot_id = stored(lot)
        service = [
            (one.cause_key, one.title, one.evidence.value, one.evidence.p_value)
            for detector in detectors
            for one in detector.judge([lot_id], rule_parameters(detector.code), NOW)
        ]
        found = [alarm.finding for alarm in bench.judge(lot)]
        assert service == [
            (one.cause_key, one.title, one.evidence.value, one.evidence.p_value) for one in found
        ]
        seen |= {one.cause_key.split(":")[0] for one in found}
    assert seen == {detector.code for detector in detectors}


def test_map_of_a_lot_counts_each_die_once() -> None:
    lot = lot_at(SEED, 1, "CP1")
    stack = stack_of(lot)
    assert sum(tested for tested, _ in stack.values()) == len(lot.die)
    assert sum(bad for _, bad in stack.values()) == int((lot.final_bin > 0).sum())


def test_report_of_a_short_stream_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "LOTS", 40)
    monkeypatch.setattr(trials, "BRANCHES_AT", (36,))
    wanted = {"drop-5-sigma", "oven-5-points", "mix-change"}
    chosen = [plan for plan in plans.PLANS if plan.name in wanted]
    monkeypatch.setattr(trials.run_seed, "__defaults__", (chosen,))
    out = StringIO()
    call_command("evaluate_detectors", "--seeds=951", "--json", stdout=out, stderr=StringIO())
    found = json.loads(out.getvalue())
    assert (found["schema"], found["seeds"]) == ("evaluation-2", [951])
    assert found["ordinary"]["lots"] == 40
    assert {one["name"] for one in found["excursions"]} == wanted - {"mix-change"}
    assert [one["step"] for one in found["decoys"]] == ["CP1", "FT-HOT"]


def test_charts_are_set_to_no_more_alarms_than_asked() -> None:
    ordinary = [[Count(180 + (place * 7) % 13, 200) for place in range(60)]]
    for chart in CHARTS:
        limit = limit_of(chart, ordinary, 1)
        assert len(chart.run(chart.values_of(ordinary[0]), limit)) <= 1
        assert delay_of(chart, limit, ordinary[0], [Count(20, 200)] * 9) in range(1, 10)


def test_seeds_are_ranges_or_lists_without_repeats() -> None:
    assert seeds("1-3,7") == [1, 2, 3, 7]
    for text in ("", "a", "3-1", "1,1", "1-900"):
        with pytest.raises(ArgumentTypeError):
            seeds(text)
