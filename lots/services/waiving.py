"""Waivers: asked for by one person, approved by another, taken back by whoever may approve."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from lots.domain.commands import Command
from lots.domain.errors import WrongStepError
from lots.domain.gates import WaiverOrder
from lots.domain.words import VersionState
from lots.models import Lot, Product, Step, Waiver
from supplychain.base.errors import ForbiddenError, MalformedError, RefusedError
from supplychain.base.keyed import made_once


@transaction.atomic
def request_waiver(
    *,
    order: WaiverOrder,
    step: Step,
    actor: User,
    lot: Lot | None = None,
    product: Product | None = None,
    command: Command | None = None,
) -> Waiver:
    """Ask that a lot, or the lots of a product, may pass a gate of the step; refusals as below.

    command: its key asks once; a repeat gets the waiver of the first time.
    """

    def make() -> Waiver:
        refuse_unaskable(order=order, step=step, lot=lot, product=product)
        return _asked(order, step, lot, product, actor)

    if command is None:
        return make()
    return made_once(Waiver.objects.all(), command.op_key, command.asked_sha256, make)


def _asked(
    order: WaiverOrder, step: Step, lot: Lot | None, product: Product | None, actor: User
) -> Waiver:
    return Waiver.objects.create(
        gate=order.gate,
        step=step,
        lot=lot,
        product=product,
        reason=order.reason,
        quantity=order.quantity,
        valid_from=order.valid_from,
        valid_to=order.valid_to,
        requested_by=actor,
    )


def refuse_unaskable(
    *, order: WaiverOrder, step: Step, lot: Lot | None, product: Product | None
) -> None:
    """MalformedError unless a lot or a product is named, and for what is over already.

    WrongStepError for a step that is not on the lot's route, or on a draft.
    """
    if (lot is None) == (product is None):
        raise MalformedError("Name a lot or a product: exactly one.", field="lot")
    if order.valid_to <= timezone.now():
        raise MalformedError("A waiver ends in the future.", field="valid_to")
    if step.route_version.state == VersionState.DRAFT:
        raise WrongStepError(f"{step.route_version} is a draft; no lot is on it.", step=step.code)
    if lot is not None and lot.route_version_id != step.route_version_id:
        raise WrongStepError(
            f"Lot {lot.code} is on {lot.route_version}; {step.code} of {step.route_version} "
            "is not on its way.",
            lot=lot.code,
            step=step.code,
        )


@transaction.atomic
def approve_waiver(*, waiver: Waiver, actor: User) -> Waiver:
    """Let it be used. ForbiddenError for who asked; RefusedError when decided or over before."""
    locked = _locked(waiver)
    if locked.requested_by_id == actor.pk:
        raise ForbiddenError(
            f"You asked for waiver {locked.pk}. Someone else must approve it.", waiver=locked.pk
        )
    if locked.approved_at is not None or locked.revoked_at is not None:
        raise RefusedError(
            f"Waiver {locked.pk} was decided before. Ask for a new one.", waiver=locked.pk
        )
    now = timezone.now()
    if locked.valid_to <= now:
        raise RefusedError(
            f"Waiver {locked.pk} ended before it was approved. Ask for a new one.",
            waiver=locked.pk,
        )
    locked.approved_by, locked.approved_at = actor, now
    locked.save(update_fields=["approved_by", "approved_at"])
    return locked


@transaction.atomic
def revoke_waiver(*, waiver: Waiver, actor: User) -> Waiver:
    """Let nothing more pass under it; what passed stands. RefusedError when revoked before."""
    locked = _locked(waiver)
    if locked.revoked_at is not None:
        raise RefusedError(f"Waiver {locked.pk} was revoked before.", waiver=locked.pk)
    locked.revoked_by, locked.revoked_at = actor, timezone.now()
    locked.save(update_fields=["revoked_by", "revoked_at"])
    return locked


def _locked(waiver: Waiver) -> Waiver:
    return Waiver.objects.select_for_update(of=("self",)).get(pk=waiver.pk)
