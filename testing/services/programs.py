"""Release of test programs: only a released revision may decide about production."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from lots.models import Product
from supplychain.base.errors import RefusedError
from testing.domain.words import ReleaseState
from testing.models import ProgramRevision
from testing.services.catalogue import known_revision


@transaction.atomic
def release_program(
    *,
    product: Product,
    program: str,
    revision: str,
    released_at: datetime,
    actor: User | None = None,
) -> ProgramRevision:
    """Release a revision that no file has named yet; nothing changes if it is released."""
    found = known_revision(product.pk, program, revision)
    if found.state == ReleaseState.RELEASED:
        return found
    return release_revision(revision=found, released_at=released_at, actor=actor)


@transaction.atomic
def release_revision(
    *, revision: ProgramRevision, released_at: datetime, actor: User | None = None
) -> ProgramRevision:
    """Let the revision decide about production from released_at on. RefusedError when retired."""
    locked = ProgramRevision.objects.select_for_update(no_key=True).get(pk=revision.pk)
    if locked.state == ReleaseState.RETIRED:
        raise RefusedError(
            f"Revision {locked.revision or '(none)'} is retired. Release a newer revision instead.",
            revision=locked.revision,
        )
    locked.state = ReleaseState.RELEASED
    locked.released_at = released_at
    locked.released_by = actor
    locked.save(update_fields=["state", "released_at", "released_by"])
    return locked


@transaction.atomic
def retire_revision(*, revision: ProgramRevision) -> ProgramRevision:
    """Let the revision decide no more; what it decided stands."""
    locked = ProgramRevision.objects.select_for_update(no_key=True).get(pk=revision.pk)
    locked.state = ReleaseState.RETIRED
    locked.save(update_fields=["state"])
    return locked
