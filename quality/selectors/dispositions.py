"""Reading dispositions: of an issue, one, those that wait for somebody, and what is on hold."""

from __future__ import annotations

import re

from django.contrib.auth.models import User
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    TextField,
    Value,
)

from lots.models import Hold, HoldItem, Lot
from quality.domain.dispositions import HeldPart, disposition_count
from quality.domain.words import UNDECIDED, DispositionState
from quality.models import Disposition, Issue, Signature
from supplychain.base.errors import MissingError


def dispositions() -> QuerySet[Disposition]:
    """All of them with what a row shows, newest first."""
    rows = Disposition.objects.select_related("issue", "lot__step", "proposed_by", "ended_by")
    return rows.prefetch_related(Prefetch("signatures", _signatures())).order_by("-id")


def dispositions_for(person: User) -> QuerySet[Disposition]:
    """The same; each signature says whether the person may give it: is_signable."""
    own = signable_by(person).filter(pk=OuterRef("pk"))
    signatures = _signatures().annotate(is_signable=Exists(own))
    again = dispositions().prefetch_related(None)
    return again.prefetch_related(Prefetch("signatures", signatures))


def _signatures() -> QuerySet[Signature]:
    return Signature.objects.select_related("role", "person").order_by("id")


def disposition_by_number(number: str, rows: QuerySet[Disposition] | None = None) -> Disposition:
    """The one people call by this number, of all or of rows. MissingError when there is none."""
    count = disposition_count(number)
    known = dispositions() if rows is None else rows
    found = known.filter(pk=count).first() if count is not None else None
    if found is None:
        raise MissingError(
            f"There is no disposition {number}. Numbers look like D-000012.", disposition=number
        )
    return found


def undecided(issue: Issue) -> QuerySet[Disposition]:
    """Dispositions of the issue that are neither carried out nor given up."""
    return Disposition.objects.filter(issue=issue, state__in=UNDECIDED).order_by("id")


def signable_by(person: User) -> QuerySet[Signature]:
    """Signatures that wait for a role of this person, and may be this person's."""
    waiting = Signature.objects.filter(
        person=None,
        role__in=person.groups.all(),
        disposition__state=DispositionState.PROPOSED,
    )
    own = Q(disposition__proposed_by=person)
    signed = Q(disposition__in=Signature.objects.filter(person=person).values("disposition"))
    return waiting.exclude(own | signed).order_by("id")


def waiting_for(person: User) -> QuerySet[Disposition]:
    """Dispositions this person could sign now, oldest first."""
    wanted = signable_by(person).values("disposition")
    return dispositions_for(person).filter(pk__in=wanted).order_by("id")


def holds_for_issue(issue: Issue) -> QuerySet[Hold]:
    """Holds for the issue, or for one merged into it, released or not, oldest first.

    Their reason begins with its number.
    """
    holds = Hold.objects.filter(reason__startswith="Q-").annotate(named=_named())
    return holds.select_related("lot").filter(named__in=_numbers(issue)).order_by("id")


def _numbers(issue: Issue) -> QuerySet[Issue, str]:
    numbers = Issue.objects.filter(Q(pk=issue.pk) | Q(merged_into=issue))
    return numbers.values_list("number", flat=True)


def _named() -> Func:
    """Number of the issue that a reason begins with; NULL when it names none."""
    return Func(F("reason"), Value(r"^Q-[0-9]+\M"), function="SUBSTRING", output_field=TextField())


def holds_of_issue(issue: Issue) -> QuerySet[Hold]:
    """Those that still stand."""
    return holds_for_issue(issue).filter(released_at=None)


def holds_around(issue: Issue) -> QuerySet[Hold]:
    """Holds for the issue, lifted or not, and open ones of its lot for something else.

    is_for_issue: true of the former.
    """
    is_for_issue = ExpressionWrapper(Q(named__in=_numbers(issue)), BooleanField())
    on_its_lot = Q(lot=issue.lot_id, released_at=None)
    around = Hold.objects.annotate(named=_named()).filter(
        Q(named__in=_numbers(issue), reason__startswith="Q-") | on_its_lot
    )
    return (
        around.annotate(is_for_issue=is_for_issue)
        .select_related("lot__product", "lot__step", "placed_by__actor", "released_by__actor")
        .order_by("lot", "id")
    )


def issue_named(reason: str) -> str | None:
    """Number of the issue that a hold's reason begins with; None when it names none."""
    named = re.match(r"Q-[0-9]+\b", reason)
    return named[0] if named else None


def issue_by_reason(reason: str) -> Issue | None:
    """The issue that a hold's reason begins with; None when it names none that exists."""
    number = issue_named(reason)
    return Issue.objects.filter(number=number).first() if number else None


def proposed_for(hold: Hold) -> Disposition | None:
    """What waits for signatures about the hold's lot and the issue that its reason begins with."""
    number = issue_named(hold.reason)
    if number is None:
        return None
    issue = Q(issue__number=number) | Q(issue__merged__number=number)
    rows = Disposition.objects.filter(issue, lot=hold.lot_id, state=DispositionState.PROPOSED)
    return rows.order_by("id").first()


def held_parts(issue: Issue, lot: Lot) -> list[HeldPart]:
    """What the open holds for the issue stop of this lot."""
    items = HoldItem.objects.select_related("wafer", "unit")
    holds = holds_of_issue(issue).filter(lot=lot).prefetch_related(Prefetch("items", items))
    return [_held_part(hold) for hold in holds]


def _held_part(hold: Hold) -> HeldPart:
    items = hold.items.all()
    numbers = [item.wafer.number for item in items if item.wafer is not None]
    return HeldPart(
        hold.pk,
        frozenset(number for number in numbers if number is not None),
        frozenset(item.unit.serial for item in items if item.unit is not None),
    )
