"""What issues have in common, and which of before are shown beside one."""

from __future__ import annotations

from typing import Any

import pytest

from quality.domain.findings import Evidence
from quality.domain.likeness import Traits, likeness, marks_of
from quality.models import Issue
from quality.selectors.likeness import SHOWN_MAX, similar_issues
from quality.services import raise_findings, resolve_issue
from quality.tests.building import NOW, bare_lot, finding, person, raised, rule


def traits(**given: Any) -> Traits:
    plain = {"cause_key": "a", "rule": "yield-drift", "step": "CP1", "product": "TRN3-DIE"}
    return Traits(**{**plain, "marks": frozenset(), **given})


@pytest.mark.parametrize(
    ("evidence", "marks"),
    [
        ({}, set()),
        ({"facts": []}, set()),
        ({"facts": {"tester": "UF-2", "hard_bin": 5, "oven": ""}}, {"tester UF-2", "hard bin 5"}),
        ({"facts": {"burn_in_board": "BIB-2"}}, {"burn-in board BIB-2"}),
        ({"facts": {"ovens": ["OV-1", "OV-2"]}}, {"oven OV-1", "oven OV-2"}),
        ({"facts": {"likely_causes": [{"cause": "site UF-2/1"}, {}, "x"]}}, {"site UF-2/1"}),
        ({"statistic": "wafer-pattern", "value": "edge-ring"}, {"pattern edge-ring"}),
        ({"statistic": "first-yield", "value": 0.4}, set()),
    ],
)
def test_evidence_names_tools_bins_and_patterns(
    evidence: dict[str, object], marks: set[str]
) -> None:
    assert marks_of(evidence) == marks


def test_the_same_cause_comes_first_then_marks_then_the_rest() -> None:
    marks = {"marks": frozenset({"tester UF-2", "site UF-2/1"})}
    found = likeness(traits(**marks), traits(**marks))
    assert found.shared == (
        "the same cause", "site UF-2/1", "tester UF-2", "the same rule", "step CP1",
        "product TRN3-DIE",
    )  # fmt: skip
    weaker = likeness(traits(**marks), traits(cause_key="b", **marks))
    rule_only = likeness(traits(), traits(cause_key="b", product=""))
    assert found.weight > weaker.weight > rule_only.weight > 0


@pytest.mark.parametrize(
    "other",
    [{"rule": "site-yield"}, {"step": "CP2", "product": "TRN2"}, {"step": "", "product": ""}],
)
def test_a_place_alone_or_a_rule_alone_is_too_little(other: dict[str, str]) -> None:
    found = likeness(traits(), traits(cause_key="b", **other))
    assert (found.weight, found.shared) == (0, ())


@pytest.mark.usefixtures("rules")
def test_issues_of_before_are_shown_with_what_they_share() -> None:
    lot, other = bare_lot("L1"), bare_lot("L2", product="TRN2", step="FT-COLD")
    facts = Evidence("first-yield", facts={"likely_causes": [{"cause": "tester T-1"}]})
    here = {"lot_id": lot.pk, "step_id": lot.step_id}
    first = raised("a", evidence=facts, **here)
    resolve_issue(issue=first, actor=person(), cause="worn card", note="replaced")
    raised("far", lot_id=other.pk, step_id=other.step_id)
    second = raised("b", **here)
    third = raised("c", evidence=facts, **here)
    found = similar_issues(third)
    assert [one.issue for one in found] == [first, second]
    assert found[0].likeness.shared[0] == "tester T-1"
    assert found[0].issue.cause == "worn card"
    assert similar_issues(first) == []


@pytest.mark.usefixtures("rules")
def test_the_same_cause_under_no_step_is_found_again(django_assert_num_queries: Any) -> None:
    first = raised("again")
    resolve_issue(issue=first, actor=person(), cause="oven", note="mended")
    raise_findings(rule=rule(), findings=[finding("again", revision="new")], now=NOW)
    latest = Issue.objects.select_related("rule", "lot__product", "step").latest("pk")
    assert latest != first
    with django_assert_num_queries(1):
        found = similar_issues(latest)
    assert [one.likeness.shared[0] for one in found] == ["the same cause"]


@pytest.mark.usefixtures("rules")
def test_the_newest_of_equals_are_shown() -> None:
    lot = bare_lot("L1")
    here = {"lot_id": lot.pk, "step_id": lot.step_id}
    rows = [raised(f"cause {number}", **here) for number in range(SHOWN_MAX + 2)]
    found = similar_issues(rows[-1])
    assert [one.issue for one in found] == rows[-2:0:-1]
