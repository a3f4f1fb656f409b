"""The figures of a lot step after each change, and what changed them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from testing.domain.leads import PLACES_MAX, Conflict, Place, is_serial, place_key
from testing.domain.records import MISSING
from testing.domain.retest import RetestCounts
from testing.domain.words import (
    ConflictKind,
    ConflictVerdict,
    IdentityQuality,
    RestatementCause,
    RetestPolicy,
)
from testing.models import IdentityConflict, LotStep, Restatement, Run, UnitResult
from testing.services.lotsteps import mark_changed
from testing.services.standings import numbered, recorded

COUNTS = {
    "insertion_count": "insertions",
    "unit_count": "units",
    "first_pass_count": "first_passed",
    "final_pass_count": "final_passed",
    "retested_count": "retested",
    "recovered_count": "recovered",
}


Wafers = Collection[int]
"""Our wafers, MISSING for what is off any."""


def add_counts(lot_step: LotStep, before: RetestCounts, after: RetestCounts) -> None:
    """Take what was looked at out of the lot step's counts, and put in how it stands now."""
    for field, name in COUNTS.items():
        change = getattr(after, name) - getattr(before, name)
        setattr(lot_step, field, getattr(lot_step, field) + change)


def log_restatement(
    lot_step: LotStep,
    cause: RestatementCause,
    run: Run | None = None,
    actor: User | None = None,
    reason: str = "",
) -> Restatement:
    """The figures as they stand from this revision on."""
    return Restatement.objects.create(
        lot_step=lot_step,
        revision=lot_step.revision,
        cause=cause,
        run=run,
        actor=actor,
        reason=reason,
        policy=lot_step.policy,
        **{field: getattr(lot_step, field) for field in COUNTS},
    )


def note_conflicts(lot_step: LotStep, wafers: Wafers, found: Sequence[Conflict]) -> None:
    """Keep what contradicts itself; open ones that the wafers looked at no longer show go.

    One that was decided is open again where a name joined it that nobody judged. The caller saves
    the lot step.
    """
    known = {(one.kind, one.subject): one for one in lot_step.conflicts.all()}
    kept = {(one.kind.value, one.subject): ", ".join(one.names) for one in found}
    fresh = [
        IdentityConflict(lot_step=lot_step, kind=kind, subject=subject, names=names)
        for (kind, subject), names in kept.items()
        if (kind, subject) not in known
    ]
    IdentityConflict.objects.bulk_create(fresh)
    changed = [one for key, one in known.items() if kept.get(key, one.names) != one.names]
    for one in changed:
        names = kept[one.kind, one.subject]
        if not set(names.split(", ")) <= set(one.names.split(", ")):
            one.verdict, one.reason = ConflictVerdict.OPEN, ""
            one.decided_by = one.decided_at = None
        one.names = names
    IdentityConflict.objects.bulk_update(
        changed, ["names", "verdict", "reason", "decided_by", "decided_at"]
    )
    looked_at = set(map(str, wafers))
    still = {one.kind for one in fresh}
    for key, one in known.items():
        if one.verdict != ConflictVerdict.OPEN:
            continue
        if key not in kept and _wafers_of(one) <= looked_at:
            one.delete()
        else:
            still.add(one.kind)
    lot_step.identity = _quality(still)


def _quality(open_kinds: Collection[str]) -> IdentityQuality:
    """By what nobody decided; a wrong number of units is the worst of it."""
    if ConflictKind.COUNTED in open_kinds:
        return IdentityQuality.COUNTED
    return IdentityQuality.CONFLICTING if open_kinds else IdentityQuality.UNDISPUTED


def _wafers_of(conflict: IdentityConflict) -> set[str]:
    """Wafers of the places in it, as text; MISSING for a place off any."""
    if conflict.is_counted:
        return {str(MISSING)}
    is_named = conflict.kind == ConflictKind.TWO_PLACES
    places = conflict.names.split(", ") if is_named else [conflict.subject]
    return {place.split(":")[0] if place.count(":") == 2 else str(MISSING) for place in places}


def serials_elsewhere(lot_step: LotStep, wafers: Wafers, names: Iterable[str]) -> list[Conflict]:
    """Part ids that name one die and stand on a wafer that was not looked at as well."""
    serials = {name for name in names if is_serial(name)}
    if not serials:
        return []
    placed = UnitResult.objects.filter(
        lot_step=lot_step, attempt__isnull=False, wafer__isnull=False,
        x__isnull=False, y__isnull=False,
    ).order_by()  # fmt: skip
    elsewhere = placed.filter(part_id__in=serials).exclude(wafer__in=wafers)
    torn = set(elsewhere.values_list("part_id", flat=True))
    places: dict[str, set[Place]] = defaultdict(set)
    for one in placed.filter(part_id__in=torn).only("part_id", "wafer_id", "x", "y"):
        if one.wafer_id is not None and one.x is not None and one.y is not None:
            places[one.part_id].add((one.wafer_id, one.x, one.y))
    return [
        Conflict(ConflictKind.TWO_PLACES, name, tuple(map(place_key, sorted(found))))
        for name, found in sorted(places.items())
        if 1 < len(found) <= PLACES_MAX
    ]


@transaction.atomic
def restate_lot_step(
    *,
    lot_step_id: int,
    cause: RestatementCause,
    policy: RetestPolicy | None = None,
    actor: User | None = None,
    reason: str = "",
) -> LotStep:
    """Number every insertion of the lot step anew, under another policy if one is given.

    Every load keeps the numbers right by itself; this is for what changes without a file.
    """
    lot_step = LotStep.objects.select_for_update(no_key=True).get(pk=lot_step_id)
    lot_step.policy = policy or lot_step.policy
    earlier = recorded(lot_step, Q())
    before = earlier.counts()
    after = numbered(lot_step, earlier)
    add_counts(lot_step, before, after.counts)
    note_conflicts(lot_step, set(earlier.claims.wafer.tolist()), after.conflicts)
    mark_changed(lot_step, lot_step.first_started_at)
    log_restatement(lot_step, cause, actor=actor, reason=reason)
    return lot_step
