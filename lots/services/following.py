"""What was planned for a lot, or for things in it, follows them when it is split or merged."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from lots.domain.errors import QuantityError, UnlikeLotsError
from lots.domain.orders import Named, named_things
from lots.domain.words import ActionState, UnitState, Verb
from lots.models import FutureAction, Lot, Unit, Wafer
from lots.services.selecting import Chosen, free_good

STOPS = (Verb.HOLD, Verb.BANK)
"""Actions meant to stop every part of the lot; a split is one part of all."""
PLAN = (
    "trigger", "step_id", "on_verb", "verb", "order", "reason", "owner_id", "created_by_id",
    "is_repeated",
)  # fmt: skip


def copy_stops(lot: Lot, child: Lot, part: Chosen) -> None:
    """Each stop planned for the lot is planned for the child too, so that each stops once.

    A repeated one is not: it stays armed for the whole family. What names wafers or serials is
    planned for each lot with those that it has. Called before the part's things change lots.
    """
    copies = []
    for plan in _armed([lot]):
        if named := named_things(plan.order):
            gone, left = _parted(lot, part, named)
            if gone and not _is_done_by(plan, part, gone):
                copies.append(_copy(plan, child, order=gone.in_order(plan.order)))
            if gone:
                _leave(plan, left, child)
        elif plan.verb in STOPS and not plan.is_repeated:
            copies.append(_copy(plan, child))
    FutureAction.objects.bulk_create(copies)


def _copy(plan: FutureAction, lot: Lot, **changes: object) -> FutureAction:
    return FutureAction(lot=lot, **{**{name: getattr(plan, name) for name in PLAN}, **changes})


def _leave(plan: FutureAction, left: Named, child: Lot) -> None:
    """The plan of the lot goes on for what is left; with nothing left it went along."""
    if left:
        plan.order = left.in_order(plan.order)
    else:
        plan.state = ActionState.CANCELLED
        plan.outcome = f"What it names went to lot {child.code}"
    plan.save(update_fields=["order", "state", "outcome"])


def _is_done_by(plan: FutureAction, part: Chosen, gone: Named) -> bool:
    """Whether the part is what was to be split off."""
    is_all = len(gone.wafers) == len(part.wafer_ids) if gone.wafers else False
    return plan.verb == Verb.SPLIT and (is_all or len(gone.serials) == part.quantity)


def _parted(lot: Lot, part: Chosen, named: Named) -> tuple[Named, Named]:
    """Of what is named, what goes with the part, and what stays.

    Of a wafer that stays, dies that go are named by their serials.
    """
    numbers = dict(
        Wafer.objects.filter(lot=lot, number__in=named.wafers).values_list("id", "number")
    )
    gone = {number for pk, number in numbers.items() if pk in part.wafer_ids}
    units = part.units if part.units is not None else Unit.objects.none()
    cut = [pk for pk, number in numbers.items() if number not in gone]
    leaving = units.filter(Q(serial__in=named.serials) | Q(wafer__in=cut))
    serials = set(leaving.values_list("serial", flat=True))
    going = Named(tuple(one for one in named.wafers if one in gone), tuple(sorted(serials)))
    return going, named.without(going)


def things_there(plan: FutureAction, lot: Lot) -> Named:
    """Of what the plan names, what the lot still has: wafers and units not given up.

    For a split only units that may be taken. QuantityError when nothing of it is left.
    """
    named = named_things(plan.order)
    wafers = Wafer.objects.filter(lot=lot, number__in=named.wafers, is_scrapped=False)
    numbers = set(wafers.values_list("number", flat=True))
    units = Unit.objects.filter(lot=lot, serial__in=named.serials)
    fit = free_good(units) if plan.verb == Verb.SPLIT else units.exclude(state=UnitState.SCRAPPED)
    serials = set(fit.values_list("serial", flat=True))
    there = Named(
        tuple(one for one in named.wafers if one in numbers),
        tuple(one for one in named.serials if one in serials),
    )
    if named and not there:
        raise QuantityError(
            f"Nothing of {named} is left in lot {lot.code}. Look for it, and do by hand what was "
            "planned.",
            lot=lot.code,
            action=plan.pk,
        )
    return there


def end_plans(into: Lot, sources: Sequence[Lot]) -> None:
    """Plans of lots that end in a merge: those that `into` has too are cancelled, and those that

    name wafers or serials go with these. UnlikeLotsError naming the first that would be lost.
    """
    for plan in _armed(sources):
        if named_things(plan.order):
            plan.lot = into
            plan.save(update_fields=["lot"])
    kept = [_wish(plan) for plan in _armed([into])]
    for plan in _armed(sources):
        if _wish(plan) not in kept:
            raise UnlikeLotsError(
                f"{plan} waits for a lot that would end (plan {plan.pk}: {plan.reason}). "
                f"Plan it for {into.code} too, or cancel it, before the merge.",
                attribute="future actions",
                action=plan.pk,
            )
    _armed(sources).update(
        state=ActionState.CANCELLED, outcome=f"Merged into {into.code}, which has it"
    )


def _armed(lots: Sequence[Lot]) -> QuerySet[FutureAction]:
    armed = FutureAction.objects.filter(lot__in=lots, state=ActionState.ARMED)
    return armed.select_related("step__route_version").order_by("id")


def _wish(plan: FutureAction) -> tuple[object, ...]:
    """What is to be done and when; who planned it, and why, may differ."""
    step = plan.step
    place = (step.route_version.route_id, step.code) if step else None
    return (plan.trigger, place, plan.on_verb, plan.verb, plan.order, plan.is_repeated)
