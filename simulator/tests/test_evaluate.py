from __future__ import annotations

from dataclasses import asdict

from simulator.evaluate import Raised, evaluate
from simulator.truth import Cause, Effect, Truth


def truth_with(*causes: Cause, lots: int = 10) -> dict[str, object]:
    names = [f"L{number}" for number in range(lots)]
    return Truth(1, 60, "2026-11-23T00:00:00+00:00", causes=list(causes), lots=names).content()


RING = Cause("ring", "yield-below-limit", "L1", "CP1", "", "", (Effect("bin-above-limit", "L1"),))


def test_an_issue_of_the_same_detector_and_lot_finds_the_cause() -> None:
    verdict = evaluate(truth_with(RING), [Raised("Q-1", "yield-below-limit", "L1")])
    assert [(cause.id, issue.number) for cause, issue in verdict.found] == [("ring", "Q-1")]
    assert verdict.is_good


def test_a_cause_on_another_lot_is_missed_and_the_issue_false() -> None:
    verdict = evaluate(truth_with(RING), [Raised("Q-1", "yield-below-limit", "L2")])
    assert verdict.missed == (RING,)
    assert [issue.number for issue in verdict.false] == ["Q-1"]


def test_side_effects_and_second_issues_of_a_cause_are_not_false() -> None:
    issues = [
        Raised("Q-1", "yield-below-limit", "L1"),
        Raised("Q-2", "yield-below-limit", "L1"),
        Raised("Q-3", "bin-above-limit", "L1"),
    ]
    verdict = evaluate(truth_with(RING), issues)
    assert [issue.number for issue in verdict.side] == ["Q-2", "Q-3"]
    assert verdict.false == ()


def test_an_effect_without_a_lot_covers_any_lot() -> None:
    cause = Cause("x", "stale-wip", "L1", "BUMP", "", "", (Effect("feed-silent", ""),))
    issues = [Raised("Q-1", "stale-wip", "L1"), Raised("Q-2", "feed-silent", "L7")]
    assert evaluate(truth_with(cause), issues).false == ()


def test_more_than_one_false_issue_in_ten_lots_is_too_many() -> None:
    issues = [Raised("Q-1", "yield-below-limit", "L1")]
    issues += [Raised(f"Q-{n}", "stale-wip", f"L{n}") for n in (2, 3)]
    verdict = evaluate(truth_with(RING), issues)
    assert verdict.false_per_ten_lots == 2.0
    assert not verdict.is_good


def test_a_line_without_lots_has_no_false_rate() -> None:
    assert evaluate(truth_with(lots=0), []).false_per_ten_lots == 0.0


def test_truth_survives_being_written_and_read() -> None:
    content = truth_with(RING)
    assert evaluate(content, []).missed == (RING,)
    assert content["causes"] == [asdict(RING)]
