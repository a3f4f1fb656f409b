"""What people do with an issue. Each is one transaction: lock, check the move, write, remember."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from notices.domain.words import NoticeKind
from quality.domain.issue_life import state_after
from quality.domain.words import OPEN_STATES, IssueEventKind, IssueState
from quality.models import Issue, IssueEvent
from quality.selectors.dispositions import undecided
from quality.selectors.effectiveness import found_again
from quality.services.history import Act, locked, write_act
from quality.services.sightings import explain_lots
from quality.services.telling import tell_assigned, tell_found
from supplychain.base.errors import ForbiddenError, MalformedError, RefusedError

NOTE_CHARACTERS_MAX = 10_000
CAUSE_CHARACTERS_MAX = 200
SNOOZE_MAX = timedelta(days=90)


@transaction.atomic
def assign_issue(
    *,
    issue: Issue,
    owner: User | None,
    actor: User,
    due_on: date | None = None,
    note: str = "",
    at: datetime | None = None,
) -> IssueEvent:
    """Give an open issue an owner and a day, or none of either. RefusedError for a closed one."""
    row = locked(issue)
    if row.state not in OPEN_STATES:
        raise RefusedError(f"{row.number} is {row.state}; reopen it first.", state=row.state)
    if owner is not None and not owner.is_active:
        raise RefusedError(f"{owner} no longer works here; choose someone else.")
    row.owner, row.due_on = owner, due_on
    words = f"to {owner}" if owner else "to nobody"
    if due_on:
        words += f", due on {due_on}."
    event = _written(row, IssueEventKind.ASSIGNED, actor, f"{words} {note}".strip(), at)
    tell_assigned(row, event)
    return event


@transaction.atomic
def acknowledge_issue(
    *, issue: Issue, actor: User, note: str = "", at: datetime | None = None
) -> IssueEvent:
    """Somebody has seen it; from now on only a person closes it. Takes it when nobody owns it."""
    return _taken(issue, IssueEventKind.ACKNOWLEDGED, actor, note, at)


@transaction.atomic
def investigate_issue(
    *, issue: Issue, actor: User, note: str = "", at: datetime | None = None
) -> IssueEvent:
    """Work on the cause has begun. Takes it when nobody owns it."""
    return _taken(issue, IssueEventKind.INVESTIGATING, actor, note, at)


@transaction.atomic
def resolve_issue(
    *, issue: Issue, actor: User, cause: str = "", note: str, at: datetime | None = None
) -> IssueEvent:
    """Close it as dealt with. note: what was done. cause: what it was; given, the lots it is found
    in no longer count as ordinary in later limits. RefusedError while a disposition is not carried
    out."""
    row = locked(issue)
    refuse_undecided(row)
    row.cause = _text("cause", cause, CAUSE_CHARACTERS_MAX)
    row.resolution = required_text("note", note)
    event = _written(row, IssueEventKind.RESOLVED, actor, row.resolution, at)
    if row.cause:
        explain_lots(head=row)
    return event


@transaction.atomic
def dismiss_issue(
    *, issue: Issue, actor: User, reason: str, at: datetime | None = None
) -> IssueEvent:
    """Close it as not worth acting on. It comes back only with new facts. RefusedError while a

    disposition is not carried out.
    """
    row = locked(issue)
    refuse_undecided(row)
    row.cause = ""
    row.resolution = required_text("reason", reason)
    return _written(row, IssueEventKind.DISMISSED, actor, row.resolution, at)


@transaction.atomic
def reopen_issue(
    *, issue: Issue, actor: User, reason: str, at: datetime | None = None
) -> IssueEvent:
    """Open a closed one again. RefusedError when a newer one with the same cause is open."""
    row = locked(issue)
    row.cause = row.resolution = ""
    row.snoozed_until = None
    event = _written(row, IssueEventKind.REOPENED, actor, required_text("reason", reason), at)
    tell_found(row, event, NoticeKind.ISSUE_REOPENED)
    return event


@transaction.atomic
def plan_issue(
    *,
    issue: Issue,
    actor: User,
    containment: str = "",
    corrective_action: str = "",
    check_on: date | None = None,
    at: datetime | None = None,
) -> IssueEvent:
    """What keeps it from spreading, from coming back, and when to look whether that helped."""
    row = locked(issue)
    row.containment = _text("containment", containment.strip(), NOTE_CHARACTERS_MAX)
    row.corrective_action = _text(
        "corrective_action", corrective_action.strip(), NOTE_CHARACTERS_MAX
    )
    row.check_on = check_on
    said = {"Containment": row.containment, "Corrective action": row.corrective_action}
    words = [f"{name}: {text}" for name, text in said.items() if text]
    if check_on:
        words.append(f"Check on {check_on}.")
    return _written(row, IssueEventKind.PLANNED, actor, "\n".join(words), at)


@transaction.atomic
def snooze_issue(
    *, issue: Issue, actor: User, until: datetime, reason: str, at: datetime | None = None
) -> IssueEvent:
    """Out of the queue until then, 90 days at most. RefusedError for a closed one."""
    row, now = locked(issue), at or timezone.now()
    if row.state not in OPEN_STATES:
        raise RefusedError(f"{row.number} is {row.state}; there is nothing to put off.")
    if not now < until <= now + SNOOZE_MAX:
        raise MalformedError("Give a time ahead, within 90 days.", field="until")
    row.snoozed_until = until
    note = f"until {until:%Y-%m-%d %H:%M} UTC. {required_text('reason', reason)}"
    return _written(row, IssueEventKind.SNOOZED, actor, note, now)


@transaction.atomic
def verify_issue(*, issue: Issue, actor: User, note: str, at: datetime | None = None) -> IssueEvent:
    """A resolved one has stayed away. ForbiddenError for who resolved it.

    RefusedError before the day its check is due, and where its cause was found again since.
    """
    row, now = locked(issue), at or timezone.now()
    state_after(IssueEventKind.VERIFIED, IssueState(row.state))
    if row.closed_by_id == actor.pk:
        raise ForbiddenError(f"You resolved {row.number}. Someone else must verify it.")
    _refuse_early_check(row, now)
    return _written(row, IssueEventKind.VERIFIED, actor, required_text("note", note), now)


def _refuse_early_check(row: Issue, now: datetime) -> None:
    if row.check_on is not None and now.date() < row.check_on:
        raise RefusedError(
            f"The effectiveness check of {row.number} is due on {row.check_on}, with results of "
            "lots since the corrective action. If there are enough by now, plan an earlier day.",
            check_on=row.check_on.isoformat(),
        )
    again = found_again(row, row.closed_at or now).order_by("-pk").first()
    if again is not None:
        raise RefusedError(
            f"The cause of {row.number} was found again since: {again.number}. It has not stayed "
            "away; go on there, or dismiss that one if it was a false alarm.",
            issue=again.number,
        )


@transaction.atomic
def comment_issue(
    *, issue: Issue, actor: User, note: str, at: datetime | None = None
) -> IssueEvent:
    """Add a note, whatever the state."""
    return _written(locked(issue), IssueEventKind.COMMENTED, actor, required_text("note", note), at)


def refuse_undecided(row: Issue) -> None:
    """RefusedError naming the disposition that is not carried out."""
    open_one = undecided(row).select_related("lot").first()
    if open_one is not None:
        raise RefusedError(
            f"{row.number} has a disposition that is not carried out: {open_one.number} "
            f"({open_one.kind} of lot {open_one.lot.code}, {open_one.state}). Carry it out or "
            "withdraw it first.",
            disposition=open_one.number,
        )


def _taken(
    issue: Issue, kind: IssueEventKind, actor: User, note: str, at: datetime | None
) -> IssueEvent:
    row = locked(issue)
    row.owner = row.owner or actor
    return _written(row, kind, actor, note, at)


def _written(
    row: Issue, kind: IssueEventKind, actor: User, note: str, at: datetime | None
) -> IssueEvent:
    note = _text("note", note, NOTE_CHARACTERS_MAX)
    return write_act(row, Act(kind, at or timezone.now(), actor.pk, note))


def required_text(name: str, text: str) -> str:
    """Without blanks around it. MalformedError when nothing is left, or too much."""
    if not text.strip():
        raise MalformedError(f"Say why: {name} is empty.", field=name)
    return _text(name, text.strip(), NOTE_CHARACTERS_MAX)


def _text(name: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise MalformedError(f"{name} is longer than {limit} characters.", field=name)
    if "\0" in text:
        raise MalformedError(f"{name} contains a null character.", field=name)
    return text
