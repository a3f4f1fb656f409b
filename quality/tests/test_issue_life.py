from __future__ import annotations

import pytest

from quality.domain.findings import Evidence
from quality.domain.issue_life import (
    IssueMoveError,
    acts_from,
    is_issue_number,
    issue_number,
    state_after,
)
from quality.domain.words import CLOSED_STATES, OPEN_STATES, IssueEventKind, IssueState


def test_open_issue_is_acknowledged() -> None:
    found = state_after(IssueEventKind.ACKNOWLEDGED, IssueState.OPEN)
    assert found == IssueState.ACKNOWLEDGED


def test_comment_changes_no_state() -> None:
    assert all(state_after(IssueEventKind.COMMENTED, state) == state for state in IssueState)


@pytest.mark.parametrize("state", sorted(CLOSED_STATES))
def test_closed_issue_is_not_closed_again(state: IssueState) -> None:
    with pytest.raises(IssueMoveError) as refused:
        state_after(IssueEventKind.RESOLVED, state)
    assert refused.value.fields["allowed"] == sorted(OPEN_STATES)


def test_every_state_is_open_or_closed() -> None:
    assert frozenset(IssueState) == OPEN_STATES | CLOSED_STATES
    assert not OPEN_STATES & CLOSED_STATES


def test_closed_issue_can_only_be_reopened() -> None:
    assert acts_from(IssueState.DISMISSED) == (IssueEventKind.REOPENED,)


def test_issue_number_is_easy_to_say() -> None:
    assert issue_number(123) == "Q-000123"
    assert is_issue_number(issue_number(123))
    assert is_issue_number(issue_number(1_234_567))


@pytest.mark.parametrize("text", ["", "Q-1", "q-000123", "Q-000123\0", "Q-٠٠٠١٢٣"])
def test_other_texts_are_no_issue_numbers(text: str) -> None:
    assert not is_issue_number(text)


def test_evidence_keeps_zeros_and_leaves_out_what_does_not_apply() -> None:
    evidence = Evidence("final-yield", value=0.0, limit=0.5, n=0, baseline=("A", "B"))
    assert evidence.as_json() == {
        "statistic": "final-yield",
        "value": 0.0,
        "limit": 0.5,
        "n": 0,
        "baseline": ["A", "B"],
    }
