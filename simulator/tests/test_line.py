from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.line import arrivals, simulate
from simulator.tests.test_stdf import framed

END = datetime(2026, 11, 23, tzinfo=UTC)
VERBS = {
    *("receive", "move", "split", "merge", "hold", "release", "scrap", "dice", "ship", "arrive")
}
CAUSES = {
    "edge-ring": "wafer-signature",
    "late-hold": "deployed-from-held-lot",
    "quantity-mismatch": "quantity-out-of-balance",
    "short-burn-in": "burn-in-short",
    "skipped-test": "missing-test-data",
    "stale-lot": "stale-wip",
    "unreleased-program": "unreleased-program",
    "yield-above-plan": "cost-variance",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("small")
    simulate(seed=20, chip_count=200, end_at=END, out=out)
    return out


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("full")
    simulate(seed=20, chip_count=3000, end_at=END, out=out)
    return out


def truth_of(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "truth.json").read_text())
    return content


def rows_of(out: Path, ending: str) -> list[dict[str, str]]:
    return [
        row
        for path in arrivals(out)
        if path.name.endswith(ending)
        for row in csv.DictReader(path.read_text().splitlines())
    ]


def digest(out: Path) -> str:
    found = hashlib.sha256((out / "truth.json").read_bytes())
    for path in arrivals(out):
        found.update(path.relative_to(out).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


def test_the_full_line_is_as_large_as_promised(full: Path) -> None:
    figures = truth_of(full)["figures"]
    assert figures["lots"] >= 40
    assert figures["diced_dies"] >= 20_000
    assert figures["chips"] >= 3_000
    assert figures["ultraservers"] == 4
    assert figures["readings"] <= 500_000


def test_three_suppliers_or_more_report(full: Path) -> None:
    assert len({path.parent.name for path in arrivals(full)}) >= 3


def test_wafers_make_more_good_dies_than_the_half_that_is_planned(full: Path) -> None:
    figures = truth_of(full)["figures"]
    assert 0.55 < figures["good_dies"] / figures["diced_dies"] < 0.65


def test_the_full_line_plants_every_cause(full: Path) -> None:
    planted = {cause["id"]: cause["detector"] for cause in truth_of(full)["causes"]}
    assert planted == {**CAUSES, "bad-site": "site-yield"}


@pytest.mark.parametrize("chip_count", [60, 100, 500])
def test_a_small_line_keeps_all_causes_that_do_not_need_many_chips(
    tmp_path: Path, chip_count: int
) -> None:
    simulate(seed=3, chip_count=chip_count, end_at=END, out=tmp_path)
    planted = {cause["id"]: cause["detector"] for cause in truth_of(tmp_path)["causes"]}
    assert planted == CAUSES


def test_the_same_seed_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    simulate(seed=20, chip_count=200, end_at=END, out=tmp_path)
    assert digest(tmp_path) == digest(small)


def test_another_seed_gives_another_line(small: Path, tmp_path: Path) -> None:
    simulate(seed=21, chip_count=200, end_at=END, out=tmp_path)
    assert digest(tmp_path) != digest(small)


def test_names_sort_in_order_of_arrival_and_none_arrives_after_the_end(small: Path) -> None:
    stamps = [path.name.split("-")[0] for path in arrivals(small)]
    assert stamps == sorted(stamps)
    assert stamps[-1] <= f"{END:%Y%m%dT%H%M%SZ}"


def test_every_kind_of_file_is_there(small: Path) -> None:
    endings = Counter(path.name.split(".", 1)[1] for path in arrivals(small))
    for ending in [
        "wip.csv",
        "asn.csv",
        "assembly.csv",
        "burnin.json",
        "rack.json",
        "stdf",
        "stdf.gz",
        "commissioning.json",
    ]:
        assert endings[ending], ending


def test_all_verbs_occur_and_some_rows_come_twice(small: Path) -> None:
    rows = rows_of(small, ".wip.csv")
    verbs = {row["verb"] for row in rows}
    events = Counter(row["event_id"] for row in rows)
    assert verbs == VERBS
    assert 0.02 < sum(count - 1 for count in events.values()) / len(rows) < 0.15


def test_repeated_rows_say_the_same(small: Path) -> None:
    rows = rows_of(small, ".wip.csv")
    assert len({row["event_id"] for row in rows}) == len({tuple(row.values()) for row in rows})


def test_rows_of_a_lot_are_told_in_order_of_what_happened(small: Path) -> None:
    last: dict[str, str] = {}
    seen = set()
    for row in rows_of(small, ".wip.csv"):
        if row["event_id"] not in seen:
            assert last.get(row["lot"], "") <= row["occurred_at"], row
            last[row["lot"]] = row["occurred_at"]
        seen.add(row["event_id"])


def test_a_hold_is_told_most_of_a_day_late(small: Path) -> None:
    told = [
        (datetime.strptime(path.name.split("-")[0], "%Y%m%dT%H%M%S%z"), row)
        for path in arrivals(small)
        if path.name.endswith(".wip.csv")
        for row in csv.DictReader(path.read_text().splitlines())
        if row["verb"] == "hold"
    ]
    lags = [(at - datetime.fromisoformat(row["occurred_at"])).total_seconds() for at, row in told]
    assert min(lags) > 10 * 3600


def test_news_of_a_lot_never_comes_before_what_it_rests_on(full: Path) -> None:
    """But for the one late notice."""
    known: set[str] = set()
    early: set[str] = set()
    for path in arrivals(full):
        if path.name.endswith(".csv"):
            for row in csv.DictReader(path.read_text().splitlines()):
                if row.get("verb", "receive") != "receive" and row["lot"] not in known:
                    early.add(row["lot"])
                known |= {row["lot"], row.get("to_lot", "")}
    assert early == {"M2L005"}


def test_a_shipment_is_told_before_its_arrival(full: Path) -> None:
    shipped: set[str] = set()
    for row in rows_of(full, ".wip.csv"):
        if row["verb"] == "ship":
            shipped.add(row["lot"])
        assert row["verb"] != "arrive" or row["lot"] in shipped


def test_no_die_is_built_into_two_chips_and_no_chip_into_two_systems(full: Path) -> None:
    parts = Counter(row["part_serial"] for row in rows_of(full, ".assembly.csv"))
    assert set(parts.values()) == {1}


def test_counts_told_with_moves_follow_from_what_was_scrapped(full: Path) -> None:
    balance: Counter[str] = Counter()
    for row in rows_of(full, ".assembly.csv"):
        if row["product"] == "TRN3" and row["position"] == "D1":
            balance[row["lot"]] += 1
    seen, wrong = set(), []
    for row in rows_of(full, ".wip.csv"):
        if row["lot"] not in balance or row["event_id"] in seen:
            continue
        seen.add(row["event_id"])
        if row["verb"] == "scrap":
            balance[row["lot"]] -= int(row["quantity"])
            assert int(row["quantity"]) == len(row["serials"].split())
        elif row["verb"] in {"move", "arrive"} and int(row["quantity"]) != balance[row["lot"]]:
            wrong.append(row["lot"])
    cause = next(c for c in truth_of(full)["causes"] if c["id"] == "quantity-mismatch")
    assert wrong == [cause["lot"]]


def test_every_session_but_the_cut_one_is_whole(small: Path) -> None:
    broken = []
    for path in arrivals(small):
        if ".stdf" in path.name:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            try:
                *_, (kind, _) = framed(data, "<" if data[0] == 2 else ">")
                assert kind == (1, 20)
            except AssertionError:
                broken.append(path.name)
    assert len(broken) == 1
    assert "-CUT" in broken[0]


def test_the_held_lot_is_in_chips_that_are_placed(small: Path) -> None:
    lot = next(c for c in truth_of(small)["causes"] if c["id"] == "late-hold")["lot"]
    parents = {row["part_serial"]: row["serial"] for row in rows_of(small, ".assembly.csv")}
    placed = {
        placement["serial"]
        for path in arrivals(small)
        if path.name.endswith(".rack.json")
        for placement in json.loads(path.read_text())["placements"]
    }
    tops = set()
    for die in (serial for serial in parents if serial.startswith(f"{lot}-")):
        serial = die
        while serial in parents and serial not in placed:
            serial = parents[serial]
        tops.add(serial)
    assert tops & placed


def test_too_few_chips_and_naive_times_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="60 chips"):
        simulate(seed=1, chip_count=59, end_at=END, out=tmp_path)
    with pytest.raises(ValueError, match="offset"):
        simulate(seed=1, chip_count=60, end_at=END.replace(tzinfo=None), out=tmp_path)


def test_a_folder_with_a_line_is_not_written_into(small: Path) -> None:
    with pytest.raises(FileExistsError):
        simulate(seed=20, chip_count=200, end_at=END, out=small)
