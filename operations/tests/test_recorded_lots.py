"""A folder of recorded lots is judged as the lots that it was recorded of."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from operations.management.evaluation import plans, trials
from operations.management.evaluation.bench import reference_rules
from operations.management.evaluation.kinds import KINDS
from operations.management.evaluation.line import judge_line, line_report
from operations.management.evaluation.planted import PlantedLine, planted_line
from operations.management.evaluation.report import report
from operations.management.evaluation.trials import run_seed
from operations.tests.recorded import SEED, judged, lots_in, ordinary, truth, written
from simulator.streams import Harm, Tested, Trouble, lot_at

LOTS = 36
NAMES = ("drop-5-sigma", "site-5-points", "oven-5-points", "edge-ring-half-of-wafers", "mix-change")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "stdf"
IN_PLACES = {"places", "die"}


@pytest.fixture(scope="module")
def line() -> PlantedLine:
    return planted_line(SEED, [one for one in plans.PLANS if one.name in NAMES], LOTS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("line") / "simulated"
    words = [f"--seed={SEED}", f"--lots={LOTS}", f"--out={out}", f"--excursions={','.join(NAMES)}"]
    call_command("simulate_lots", *words, stdout=StringIO(), stderr=StringIO())
    return out


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    return judged(folder / "files", folder / "truth.csv")


def columns(lot: Tested) -> dict[str, Any]:
    """All of a lot; of dies the places, as a file has no order of those that were not tested."""
    plain = {one.name: getattr(lot, one.name) for one in fields(lot) if one.name not in IN_PLACES}
    lists = {
        name: one.tolist() if isinstance(one, np.ndarray) else one for name, one in plain.items()
    }
    return {**lists, "at": [lot.places[die] if die >= 0 else None for die in lot.die.tolist()]}


def test_lots_are_read_as_they_were_written(line: PlantedLine, folder: Path) -> None:
    lots = lots_in(folder / "files")
    assert [lot.code for lot in lots] == [lot.code for lot in line.lots]
    for ours, theirs in zip(line.lots, lots, strict=True):
        assert columns(ours) == columns(theirs)


def test_report_of_files_is_that_of_the_lots_themselves(
    line: PlantedLine, found: dict[str, Any]
) -> None:
    direct = line_report(judge_line(line.lots, line.events, reference_rules()), line.events)
    assert {name: found[name] for name in direct} == json.loads(json.dumps(direct))
    assert found["files"]["lots"] == len({lot.code for lot in line.lots})
    assert found["files"]["lot_steps"] == len(line.lots)


def test_report_has_all_that_a_line_is_judged_by(found: dict[str, Any]) -> None:
    rows = {one["name"]: one for one in found["excursions"]}
    assert set(rows) == {*NAMES} - {"mix-change"}
    assert {"recall", "within_1", "within_3", "within_6"} <= set(rows["drop-5-sigma"])
    assert set(rows["drop-5-sigma"]["rivals"]) == {"shewhart-p", "syl", "cusum", "ewma"}
    assert rows["site-5-points"]["cause_first"]["n"] == 1
    assert rows["edge-ring-half-of-wafers"]["named_right"]["ratio"] == 1
    assert rows["edge-ring-half-of-wafers"]["delay_wafers_mean"] > 0
    assert {one["name"] for one in found["decoys"]} == {"mix-change"}
    assert found["events"]["precision"]["n"] == found["events"]["alarms"]
    assert found["ordinary"]["lots"] == LOTS


@pytest.mark.parametrize(
    "name", ["step-2-sigma", "site-5-points", "oven-5-points", "edge-ring-half-of-wafers"]
)
def test_a_line_with_one_trouble_is_judged_as_the_branch_of_its_seed(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(trials, "LOTS", LOTS)
    monkeypatch.setattr(trials, "BRANCHES_AT", (LOTS * 2 // 3,))
    (plan,) = (
        replace(one, steps=one.steps[:1], lots=min(one.lots, 8))
        for one in plans.PLANS
        if one.name == name
    )
    line = planted_line(SEED, [plan], LOTS)
    of_seed = report([run_seed(SEED, reference_rules(), [plan])])
    of_line = line_report(judge_line(line.lots, line.events, reference_rules()), line.events)
    for part in ("excursions", "ordinary", "rivals"):
        assert of_line[part] == of_seed[part]


def test_a_line_without_trouble_has_the_alarms_of_its_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trials, "LOTS", LOTS)
    of_seed = run_seed(SEED, reference_rules(), []).line
    line = planted_line(SEED, [], LOTS)
    of_line = judge_line(line.lots, line.events, reference_rules())
    assert (of_line.lot_count, of_line.alarms) == (of_seed.lot_count, of_seed.alarms)
    assert {(one.step, one.counts) for one in of_line.series} == {
        (one.step, one.counts) for one in of_seed.series
    }


def test_every_plan_is_of_a_known_kind() -> None:
    assert {plan.kind for plan in plans.PLANS} <= set(KINDS)


def test_alarms_on_lots_that_the_truth_does_not_name_are_false(tmp_path: Path) -> None:
    lots = [*ordinary(14), lot_at(SEED, 14, "FT-HOT", Trouble(Harm.LEVEL, "FT-HOT", 0.3))]
    files = written(tmp_path / "files", lots)
    unknown = judged(files, truth(tmp_path))
    assert unknown["ordinary"]["lots"] == 15
    assert unknown["ordinary"]["by_detector"]["yield-below-limit"] == 1
    assert (unknown["events"]["precision"]["ratio"], unknown["events"]["recall"]) == (0, None)
    known = judged(files, truth(tmp_path, "A,drop,,FT-HOT,L00014,"))
    assert (known["ordinary"]["lots"], known["ordinary"]["false_alarms"]) == (14, 0)
    assert (known["excursions"][0]["name"], known["events"]["precision"]["ratio"]) == ("drop", 1)


def test_order_of_time_is_by_the_dates_in_the_files(tmp_path: Path) -> None:
    lots = ordinary(5)
    backwards = [replace(lot, code=f"Z{9 - lot.number}") for lot in lots]
    read = lots_in(written(tmp_path, backwards))
    assert [(lot.number, lot.code) for lot in read] == [
        (0, "Z9"), (1, "Z8"), (2, "Z7"), (3, "Z6"), (4, "Z5"),
    ]  # fmt: skip


def test_what_people_read_names_each_excursion(folder: Path) -> None:
    out, progress = StringIO(), StringIO()
    words = [f"--folder={folder / 'files'}", f"--truth={folder / 'truth.csv'}"]
    call_command("evaluate_detectors", *words, stdout=out, stderr=progress)
    assert "5 excursions," in out.getvalue()
    assert "false alarms per 1,000 lots" in out.getvalue()
    assert all(name in out.getvalue() for name in NAMES)
    assert "Judging lots: 100 %" in progress.getvalue()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test files are not here")
def test_real_files_of_many_testers_are_judged(tmp_path: Path) -> None:
    found = judged(SHARED, truth(tmp_path))
    assert (found["files"]["sessions"], found["files"]["lots"]) == (7, 6)
    assert (found["files"]["left_out"], found["files"]["others"]) == ({}, {"unknown": 2})
    assert found["ordinary"]["lots"] == 6


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test files are not here")
@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("GAL-LOT", ["lot2.stdf.gz", "lot3.stdf"]),
        ("TEST", ["a595.stdf"]),
        ("90N7Q023.1", ["four_site_93k.stdf"]),
        ("LOT_NUMBER_IS_XXXX", ["d10_1.std"]),
    ],
)
def test_units_of_real_files_are_those_of_an_independent_reader(
    code: str, names: list[str]
) -> None:
    expected = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))
    (lot,) = (one for one in lots_in(SHARED) if one.code == code)
    counts = {
        "distinct_units": len(lot.first_bin),
        "first_pass_passed": int((lot.first_bin == 0).sum()),
        "final_passed_last_wins": int((lot.final_bin == 0).sum()),
    }
    assert counts == {one: sum(expected[name][one] for name in names) for one in counts}
    assert lot.wafer_count == sum(len(expected[name]["wafers"]) for name in names)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--seed=1", "--lots=5"], "Choose 30 to 10,000 lots"),
        (["--seed=1"], "is not an empty folder"),
    ],
)
def test_a_line_is_not_written_where_it_cannot_be(
    tmp_path: Path, words: list[str], says: str
) -> None:
    (tmp_path / "there.txt").write_text("something")
    with pytest.raises(CommandError, match=says):
        call_command("simulate_lots", *words, f"--out={tmp_path}", stderr=StringIO())


def test_an_excursion_that_nobody_planned_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"there is no excursion flood\. Known: drop-5-sigma"):
        call_command("simulate_lots", f"--out={tmp_path}", "--excursions=flood")
