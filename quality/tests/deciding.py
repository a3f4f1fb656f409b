"""Material on hold for an issue, and the people who decide on it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission, User

from lots.domain.commands import HoldOrder
from lots.domain.words import HoldClass, HoldScope
from lots.models import Hold, Lot
from lots.services import hold_lot
from lots.tests.making import again, command, wafer_lot
from quality.domain.dispositions import DispositionOrder
from quality.domain.words import DispositionKind
from quality.models import Disposition, Issue
from quality.services import propose_disposition, sign_disposition
from quality.tests.building import raised


def signer(name: str, role: str = "", *rights: str) -> User:
    """Somebody in a role; rights: codenames beside it."""
    user, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    return user


def told(user: User, op_key: str = "", **rest: Any) -> Any:
    """A command of this person."""
    return command(op_key, actor_id=user.pk, **rest)


def hold_for(issue: Issue, lot: Lot, **scope: Any) -> Hold:
    order = HoldOrder(HoldClass.QUALITY, f"{issue.number} {issue.title}", **scope)
    return Hold.objects.get(placed_by=hold_lot(lot=lot, order=order, command=command()))


def held_issue(lot: Lot | None = None) -> Issue:
    """An issue whose lot, three wafers before dicing, is on hold for it."""
    lot = lot or wafer_lot("W1", step="CP1")
    issue = raised(f"cause of {lot.code}", lot_id=lot.pk)
    hold_for(issue, lot)
    return issue


def hold_wafers(issue: Issue, lot: Lot, *wafers: int) -> Hold:
    return hold_for(issue, lot, scope=HoldScope.WAFER, wafers=wafers)


def order(kind: str = "use-as-is", lot: str = "W1", **rest: Any) -> DispositionOrder:
    return DispositionOrder(
        DispositionKind(kind), lot, rest.pop("reason", "edge dies only"), **rest
    )


def proposed(issue: Issue, kind: str = "use-as-is", **rest: Any) -> Disposition:
    """By Ann, who is of Quality herself."""
    wish = order(kind, **rest)
    return propose_disposition(issue=issue, order=wish, command=told(signer("ann", "Quality")))


def signed(issue: Issue, kind: str = "use-as-is", **rest: Any) -> Disposition:
    """Proposed by Ann, signed by Ben of Quality, Cleo the test engineer and Dan of Finance."""
    disposition = proposed(issue, kind, **rest)
    for name, role in [("ben", "Quality"), ("cleo", "Test engineer"), ("dan", "Finance")]:
        if disposition.signatures.filter(role__name=role).exists():
            sign_disposition(disposition=disposition, command=told(signer(name, role)))
    disposition.refresh_from_db()
    return disposition


def now_of(disposition: Disposition) -> Disposition:
    return Disposition.objects.select_related("issue", "lot").get(pk=disposition.pk)


def open_reasons(lot: Lot) -> list[str]:
    holds = again(lot).holds.filter(released_at=None).order_by("id")
    return list(holds.values_list("reason", flat=True))
