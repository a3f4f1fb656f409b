"""The life of an issue: which act moves it from where to where."""

from __future__ import annotations

import re

from quality.domain.words import OPEN_STATES, IssueEventKind, IssueState
from supplychain.base.errors import RefusedError


class IssueMoveError(RefusedError):
    """The act is not possible in the state the issue is in."""

    code = "issue-move"
    title = "The issue is in another state"


MOVES: dict[IssueEventKind, tuple[frozenset[IssueState], IssueState]] = {
    IssueEventKind.ACKNOWLEDGED: (frozenset({IssueState.OPEN}), IssueState.ACKNOWLEDGED),
    IssueEventKind.INVESTIGATING: (
        frozenset({IssueState.OPEN, IssueState.ACKNOWLEDGED}),
        IssueState.INVESTIGATING,
    ),
    IssueEventKind.RESOLVED: (OPEN_STATES, IssueState.RESOLVED),
    IssueEventKind.DISMISSED: (OPEN_STATES, IssueState.DISMISSED),
    IssueEventKind.VERIFIED: (frozenset({IssueState.RESOLVED}), IssueState.VERIFIED),
    IssueEventKind.REOPENED: (
        frozenset({IssueState.RESOLVED, IssueState.VERIFIED, IssueState.DISMISSED}),
        IssueState.OPEN,
    ),
    IssueEventKind.MERGED: (OPEN_STATES, IssueState.MERGED),
    IssueEventKind.SEPARATED: (frozenset({IssueState.MERGED}), IssueState.OPEN),
}


def state_after(act: IssueEventKind, state: IssueState) -> IssueState:
    """The state that follows; acts without a row in MOVES leave it. IssueMoveError when refused."""
    if act not in MOVES:
        return state
    allowed, after = MOVES[act]
    if state not in allowed:
        wanted = ", ".join(sorted(allowed))
        raise IssueMoveError(
            f"An issue that is {state} cannot become {after}; that needs: {wanted}.",
            state=str(state),
            act=str(act),
            allowed=sorted(allowed),
        )
    return after


def acts_from(state: IssueState) -> tuple[IssueEventKind, ...]:
    """Acts that move an issue on from here, in the table's order."""
    return tuple(act for act, (allowed, _) in MOVES.items() if state in allowed)


def is_issue_number(text: str) -> bool:
    """Whether an issue could be called this."""
    return re.fullmatch(r"Q-[0-9]{6,9}", text) is not None


def issue_number(count: int) -> str:
    """The name people use: 123 is Q-000123."""
    return f"Q-{count:06d}"
