"""Release of test programs: only a released revision may decide about production."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from lots.models import Product
from supplychain.base.errors import ForbiddenError, MissingError, RefusedError
from testing.domain.words import ReleaseState
from testing.models import ProgramRevision
from testing.services.catalogue import known_revision

PREPARE = "testing.change_programrevision"
RELEASE = "testing.release_programrevision"
FIELDS = ["release_reason", "prepared_by", "prepared_at", "state", "released_by", "released_at"]


@dataclass(frozen=True, slots=True)
class Signatures:
    """Who answers for a release that was made elsewhere, and why it was made."""

    preparer: User
    approver: User
    reason: str


@transaction.atomic
def prepare_release(*, revision_id: int, reason: str, actor: User) -> ProgramRevision:
    """Propose a revision for production; another person releases it.

    ForbiddenError without the right; RefusedError without a reason, for one that is released,
    retired or prepared already.
    """
    _need(actor, PREPARE)
    revision = _locked(revision_id)
    _refuse_unless_unreleased(revision)
    if revision.is_prepared:
        raise RefusedError(f"{revision.prepared_by} prepared this release. It waits for approval.")
    if not reason.strip():
        raise RefusedError("Say what was checked, so that a colleague can release it.")
    revision.release_reason, revision.prepared_by = reason.strip(), actor
    revision.prepared_at = timezone.now()
    revision.save(update_fields=FIELDS)
    return revision


@transaction.atomic
def withdraw_release(*, revision_id: int, actor: User) -> ProgramRevision:
    """Take a prepared release back. ForbiddenError without the right; RefusedError for none."""
    _need(actor, PREPARE)
    revision = _locked(revision_id)
    if not revision.is_prepared:
        raise RefusedError("No release of this revision waits for approval.")
    revision.release_reason, revision.prepared_by, revision.prepared_at = "", None, None
    revision.save(update_fields=FIELDS)
    return revision


@transaction.atomic
def release_revision(*, revision_id: int, actor: User) -> ProgramRevision:
    """Let a prepared revision decide about production from now on.

    ForbiddenError without the right, and for who prepared it; RefusedError for what nobody
    prepared, and for one that is released or retired.
    """
    _need(actor, RELEASE)
    revision = _locked(revision_id)
    _refuse_unless_unreleased(revision)
    if revision.prepared_by is None:
        raise RefusedError("Nobody prepared this release. Prepare it, and let a colleague release.")
    if revision.prepared_by_id == actor.pk:
        raise ForbiddenError("Nobody releases a program they prepared. Ask a colleague.")
    return _release(revision, actor, timezone.now())


@transaction.atomic
def retire_revision(*, revision_id: int, actor: User) -> ProgramRevision:
    """Let the revision decide no more from now on; what it decided stands.

    ForbiddenError without the right; RefusedError for one that was retired before.
    """
    _need(actor, PREPARE)
    revision = _locked(revision_id)
    if revision.state == ReleaseState.RETIRED:
        raise RefusedError("This revision was retired before.")
    revision.state = ReleaseState.RETIRED
    revision.retired_by, revision.retired_at = actor, timezone.now()
    revision.save(update_fields=["state", "retired_by", "retired_at"])
    return revision


@transaction.atomic
def release_program(
    *, product: Product, program: str, revision: str, released_at: datetime, signed: Signatures
) -> ProgramRevision:
    """Record a release that two people made elsewhere, also of a revision no file has named yet.

    Nothing changes if it is released. ForbiddenError for one signature in both places;
    RefusedError when retired.
    """
    found = _locked(known_revision(product.pk, program, revision).pk)
    if found.state == ReleaseState.RELEASED:
        return found
    _refuse_unless_unreleased(found)
    if signed.preparer.pk == signed.approver.pk:
        raise ForbiddenError("A release needs two people.")
    found.prepared_by, found.release_reason = signed.preparer, signed.reason
    found.prepared_at = released_at
    return _release(found, signed.approver, released_at)


def _release(revision: ProgramRevision, actor: User, at: datetime) -> ProgramRevision:
    revision.state = ReleaseState.RELEASED
    revision.released_by, revision.released_at = actor, at
    revision.save(update_fields=FIELDS)
    return revision


def _refuse_unless_unreleased(revision: ProgramRevision) -> None:
    if revision.state != ReleaseState.UNRELEASED:
        raise RefusedError(
            f"Revision {revision.revision or '(none)'} is {revision.state}. "
            "Release a newer revision instead.",
            revision=revision.revision,
        )


def _locked(revision_id: int) -> ProgramRevision:
    found = ProgramRevision.objects.select_for_update(no_key=True).filter(pk=revision_id).first()
    if found is None:
        raise MissingError("There is no such program revision.")
    return found


def _need(actor: User, right: str) -> None:
    if not actor.has_perm(right):
        raise ForbiddenError(
            "Your role may not do this with program revisions. Ask an administrator for the right."
        )
