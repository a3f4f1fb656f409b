"""Recall cases: opened over what a suspect reaches, followed until nothing is exposed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from lots.domain.commands import Command
from lots.selectors import head_seq
from operations.domain.recall_questions import Question, question_of, question_values
from operations.domain.words import CaseState, Origin
from operations.models import RecallCase, RecallItem
from operations.selectors.recall import statement
from operations.selectors.recall_cases import ItemsWanted, item_counts, items_wanted
from operations.selectors.recall_origins import suspects_of
from supplychain.base.errors import MalformedError, RefusedError
from supplychain.base.keyed import made_once

REASON_MAX = 200
TITLE_MAX = 200
TEXT_MAX = 10_000
SETTLED_MAX = 5_000
NUMBERING = "operations.recallcase"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What drawing a case up again changed. reopened: settled by itself, and suspect again."""

    joined: int
    settled: int
    reopened: int
    moved: int


@transaction.atomic
def open_case(
    *, question: Question, title: str, reason: str, actor: User, command: Command | None = None
) -> RecallCase:
    """A numbered case over everything the question reaches now.

    RefusedError where it reaches nothing; MissingError for an unknown origin. command: its key
    opens one case; a repeat gets that one.
    """

    def make() -> RecallCase:
        return _opened(question, title, reason, actor)

    if command is None:
        return make()
    return made_once(RecallCase.objects.all(), command.op_key, command.asked_sha256, make)


def _opened(question: Question, title: str, reason: str, actor: User) -> RecallCase:
    case = RecallCase(
        title=_text("title", title, TITLE_MAX),
        reason=_text("reason", reason, TEXT_MAX),
        origin=question.origin,
        query=question_values(question),
        opened_by=actor,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [NUMBERING])
    case.number = (RecallCase.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    case.opened_at_seq = case.as_of_seq = head_seq()
    case.save(force_insert=True)
    if not _draw_up(case, timezone.now()).joined:
        raise RefusedError(
            f"{question} reaches nothing that is in process, in stock, shipped or in a rack. "
            "There is nothing to recall.",
            origin=Origin(question.origin).value,
        )
    case.save(update_fields=["listed_count", "open_count"])
    return case


@transaction.atomic
def refresh_case(*, case: RecallCase) -> Refreshed:
    """Draw the list up again: what joined, and what settled by itself."""
    case = _open(case)
    refreshed = _draw_up(case, timezone.now())
    case.save(update_fields=["as_of_seq", "listed_count", "open_count"])
    return refreshed


@transaction.atomic
def settle_items(*, case: RecallCase, wanted: ItemsWanted, reason: str, actor: User) -> int:
    """Open items that fit are exposed no more, for this reason; how many, at most 5,000 a time."""
    case = _open(case)
    settlement = _text("reason", reason, REASON_MAX)
    chosen = items_wanted(case, wanted).filter(settled_at__isnull=True).order_by("id")
    settled = RecallItem.objects.filter(
        pk__in=list(chosen.values_list("pk", flat=True)[:SETTLED_MAX])
    ).update(settled_at=timezone.now(), settled_by=actor, settlement=settlement)
    case.open_count -= settled
    case.save(update_fields=["open_count"])
    return settled


@transaction.atomic
def close_case(*, case: RecallCase, conclusion: str, actor: User) -> RecallCase:
    """End the case with what was learnt. RefusedError while anything is exposed."""
    case = _open(case)
    _draw_up(case, timezone.now())
    if case.open_count:
        raise RefusedError(
            f"{case} still exposes {case.open_count:,}. Settle them first, or cancel the case.",
            case=str(case),
            exposed=case.open_count,
        )
    return _end(case, CaseState.CLOSED, conclusion, actor)


@transaction.atomic
def cancel_case(*, case: RecallCase, reason: str, actor: User) -> RecallCase:
    """Give the case up, exposed or not, with the reason."""
    return _end(_open(case), CaseState.CANCELLED, reason, actor)


def _end(case: RecallCase, state: CaseState, conclusion: str, actor: User) -> RecallCase:
    case.conclusion = _text("conclusion", conclusion, TEXT_MAX)
    case.state, case.closed_by, case.closed_at = state, actor, timezone.now()
    ended = ["state", "closed_by", "closed_at", "conclusion"]
    case.save(update_fields=[*ended, "as_of_seq", "listed_count", "open_count"])
    return case


def _open(case: RecallCase) -> RecallCase:
    """The case, locked. RefusedError once it has ended."""
    case = RecallCase.objects.select_for_update(no_key=True).get(pk=case.pk)
    if case.state != CaseState.OPEN:
        raise RefusedError(f"{case} is {case.state}. Open a new case.", case=str(case))
    return case


def _draw_up(case: RecallCase, now: datetime) -> Refreshed:
    case.as_of_seq = head_seq()
    suspects = suspects_of(question_of(case.query))
    asked = {**suspects.parameters, "case": case.pk, "seq": case.as_of_seq, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(statement("recall_refresh"), asked)
        refreshed = Refreshed(*cursor.fetchone())
    case.listed_count, case.open_count = item_counts(case)
    return refreshed


def _text(name: str, text: str, limit: int) -> str:
    words = text.strip()
    if not words or len(words) > limit or "\0" in words:
        raise MalformedError(f"Give a {name} of 1 to {limit:,} characters.", field=name)
    return words
