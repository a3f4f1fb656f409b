"""What people decide about identities that contradict each other."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from supplychain.base.errors import ForbiddenError, MissingError, RefusedError, StaleError
from testing.domain.words import ConflictVerdict, RestatementCause
from testing.models import ConflictDecision, IdentityConflict, LotStep
from testing.services.restating import restate_lot_step

DECIDE = "testing.decide_identityconflict"


@transaction.atomic
def decide_conflict(
    *,
    conflict_id: int,
    verdict: ConflictVerdict,
    reason: str,
    actor: User,
    seen: ConflictVerdict | None = None,
) -> IdentityConflict:
    """Say whether two identities are one die or two; the figures are restated with it.

    seen: the verdict that the actor looked at. ForbiddenError without the right. RefusedError
    without a reason, or for a verdict that decides nothing. MissingError for one that is gone,
    StaleError when someone decided otherwise meanwhile.
    """
    if not actor.has_perm(DECIDE):
        raise ForbiddenError("Your role may not decide identity conflicts. Ask someone in quality.")
    if verdict is ConflictVerdict.OPEN or not reason.strip():
        raise RefusedError("Say whether it is the same die or another one, and why.")
    conflict = _locked(conflict_id)
    if seen is not None and seen != conflict.verdict:
        raise StaleError(f"It was decided meanwhile: {conflict.verdict}. Look at it again.")
    _record(conflict, verdict, reason.strip(), actor)
    restate_lot_step(
        lot_step_id=conflict.lot_step_id,
        cause=RestatementCause.IDENTITY,
        actor=actor,
        reason=reason.strip(),
    )
    return conflict


def _locked(conflict_id: int) -> IdentityConflict:
    """Its lot step first, so that no load takes the conflict away meanwhile."""
    rows = IdentityConflict.objects.filter(pk=conflict_id)
    LotStep.objects.select_for_update(no_key=True).filter(conflicts__in=rows).first()
    conflict = rows.first()
    if conflict is None:
        raise MissingError("There is no such identity conflict; a later file may have settled it.")
    return conflict


def _record(conflict: IdentityConflict, verdict: ConflictVerdict, reason: str, actor: User) -> None:
    decision = ConflictDecision.objects.create(
        conflict=conflict, verdict=verdict, reason=reason, actor=actor
    )
    decision.refresh_from_db(fields=["recorded_at"])
    conflict.verdict, conflict.reason = verdict, reason
    conflict.decided_by, conflict.decided_at = actor, decision.recorded_at
    conflict.save(update_fields=["verdict", "reason", "decided_by", "decided_at"])
