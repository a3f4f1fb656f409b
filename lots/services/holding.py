"""Stops on a lot or on part of it, their release, and how they follow what they stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from lots.domain.commands import Command, HoldOrder
from lots.domain.errors import HeldError, QuantityError, WrongStateError
from lots.domain.rules import refuse_torn_hold
from lots.domain.words import HoldScope, UnitOfMeasure, UnitState, Verb
from lots.models import Event, Genealogy, Hold, HoldItem, Lot, Unit, Wafer
from lots.selectors.bins import serials_in_bin
from lots.services.frame import Draft, locked_lot, once
from lots.services.lookups import NAMED_AT_MOST
from lots.services.selecting import Chosen
from supplychain.base.errors import ForbiddenError, MalformedError, StaleError

DISPOSITION_CHARACTERS_MAX = 200
RELEASING = "lots.release_lot"

ReleaseCheck = Callable[[Hold], None]
_release_checks: dict[str, ReleaseCheck] = {}


def hold_lot(*, lot: Lot, order: HoldOrder, command: Command) -> Event:
    """Stop the lot, or the wafers or units of it that the order names; allowed in every state,

    so that what was shipped can be searched too. QuantityError for what the lot does not have.
    """
    wish = {"lot": lot.code, **asdict(order)}
    return once(Verb.HOLD, wish, command, lambda: _hold(lot, order, command))


def _hold(lot: Lot, order: HoldOrder, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.HOLD, command)
    event_id = uuid4()
    serials = _stopped_serials(lot, order)
    wafers, units = _wafer_ids(lot, order.wafers), _unit_ids(lot, serials)
    hold = Hold.objects.create(
        lot=lot,
        hold_class=order.hold_class,
        reason=order.reason,
        owner_id=order.owner_id,
        due_on=order.due_on,
        scope=order.scope,
        bin_number=order.bin_number,
        releasing_role_id=order.releasing_role_id,
        placed_at=command.occurred_at,
        placed_by_id=event_id,
    )
    HoldItem.objects.bulk_create(
        [
            *(HoldItem(hold=hold, wafer_id=pk) for pk in wafers),
            *(HoldItem(hold=hold, unit_id=pk) for pk in units),
        ],
    )
    told: dict[str, object] = {"wafers": list(order.wafers), "serials": list(serials)}
    return Draft(
        Verb.HOLD,
        lot,
        id=event_id,
        step_from_id=lot.step_id,
        payload={
            "hold": hold.pk,
            "hold_class": order.hold_class,
            "reason": order.reason,
            "scope": order.scope,
            **{name: values for name, values in told.items() if values},
        },
        touched=(lot,),
    )


def _stopped_serials(lot: Lot, order: HoldOrder) -> tuple[str, ...]:
    """Those named, or for a bin without names every unit that fell in it last."""
    if order.bin_number is None or order.serials:
        return order.serials
    found = serials_in_bin(lot, order.bin_number)
    if not found:
        raise QuantityError(
            f"No unit of lot {lot.code} fell in bin {order.bin_number} last. Check the bin.",
            lot=lot.code,
            bin_number=order.bin_number,
        )
    return found


def _wafer_ids(lot: Lot, numbers: Sequence[int]) -> list[int]:
    found = dict(
        Wafer.objects.filter(lot=lot, number__in=numbers).order_by("id").values_list("number", "id")
    )
    _refuse_missing(lot, [str(number) for number in numbers if number not in found], "wafers")
    return [found[number] for number in numbers]


def _unit_ids(lot: Lot, serials: Sequence[str]) -> list[int]:
    found = dict(Unit.objects.filter(lot=lot, serial__in=serials).values_list("serial", "id"))
    _refuse_missing(lot, [serial for serial in serials if serial not in found], "units")
    return [found[serial] for serial in serials]


def _refuse_missing(lot: Lot, names: Sequence[str], kind: str) -> None:
    if names:
        raise QuantityError(
            f"Lot {lot.code} has no {kind} {', '.join(names[:NAMED_AT_MOST])}. Check the numbers.",
            lot=lot.code,
            missing=list(names[:NAMED_AT_MOST]),
        )


def release_hold(
    *, hold: Hold, disposition: str, command: Command, is_decided: bool = False
) -> Event:
    """Lift one hold with the decision taken. WrongStateError when it was released before;

    ForbiddenError for who is not in the role that may release it; else what a registered check
    refuses, unless is_decided: who calls has seen to that.
    """
    if not disposition.strip() or len(disposition) > DISPOSITION_CHARACTERS_MAX:
        raise MalformedError(
            f"Say the disposition, in at most {DISPOSITION_CHARACTERS_MAX} characters.",
            field="disposition",
        )
    wish = {"hold": hold.pk, "disposition": disposition}
    checks = [] if is_decided else list(_release_checks.values())
    return once(Verb.RELEASE, wish, command, lambda: _release(hold, disposition, checks, command))


def _release(
    hold: Hold, disposition: str, checks: Sequence[ReleaseCheck], command: Command
) -> Draft:
    lot = locked_lot(hold.lot, Verb.RELEASE, command)
    hold = open_hold(hold)
    if hold.lot_id != lot.pk:
        raise StaleError("The hold went on to another lot meanwhile. Read it again.", hold=hold.pk)
    refuse_stranger(hold, command)
    for check in checks:
        check(hold)
    event_id = uuid4()
    hold.released_at = command.occurred_at
    hold.disposition, hold.released_by_id = disposition, event_id
    hold.save(update_fields=["released_at", "disposition", "released_by"])
    return Draft(
        Verb.RELEASE,
        lot,
        id=event_id,
        step_from_id=lot.step_id,
        payload={"hold": hold.pk, "disposition": disposition},
        touched=(lot,),
    )


def register_release_check(name: str, check: ReleaseCheck) -> None:
    """Say what else keeps a hold from being lifted: it raises. Call it from an app's ready()."""
    _release_checks[name] = check


def open_hold(hold: Hold) -> Hold:
    """The hold as it stands now, locked. WrongStateError when it was released before."""
    now = Hold.objects.select_for_update(of=("self",)).select_related("lot").get(pk=hold.pk)
    if now.released_at is not None:
        raise WrongStateError(
            f"The hold on lot {now.lot.code} ({now.reason}) was released before.",
            lot=now.lot.code,
            hold=now.pk,
        )
    return now


def refuse_stranger(hold: Hold, command: Command) -> None:
    """ForbiddenError for who is not in the role that may release the hold."""
    role = hold.releasing_role
    if role is None:
        return
    actor = User.objects.filter(pk=command.actor_id or 0).first()
    if actor is None or not (actor.is_superuser or actor.groups.filter(pk=role.pk).exists()):
        raise ForbiddenError(
            f"Only {role.name} may release the hold on lot {hold.lot.code} ({hold.reason}).",
            hold=hold.pk,
            role=role.name,
        )


def refuse_walking_round(lots: Sequence[Lot], command: Command) -> None:
    """ForbiddenError for a person who may not release every hold on the whole of these lots."""
    actor = User.objects.filter(pk=command.actor_id or 0).first()
    holds = Hold.objects.filter(lot__in=lots, scope=HoldScope.LOT, released_at=None)
    for hold in holds.select_related("lot", "releasing_role").order_by("id"):
        refuse_stranger(hold, command)
        if hold.releasing_role is None and actor and not actor.has_perm(RELEASING):
            raise ForbiddenError(
                f"Lot {hold.lot.code} is on hold ({hold.reason}), and you may not release it. Ask "
                "someone who may.",
                hold=hold.pk,
                right=RELEASING,
            )


@transaction.atomic
def assign_hold(*, hold: Hold, owner: User | None) -> Hold:
    """Say who decides on an open hold. WrongStateError when it was released before."""
    now = open_hold(hold)
    now.owner = owner
    now.save(update_fields=["owner"])
    return now


@transaction.atomic
def date_hold(*, hold: Hold, due_on: date | None) -> Hold:
    """Say by when an open hold is to be decided on. WrongStateError when it was released before."""
    now = open_hold(hold)
    now.due_on = due_on
    now.save(update_fields=["due_on"])
    return now


def carry_holds(lot: Lot, child: Lot, part: Chosen) -> list[int]:
    """Holds on parts of the lot follow what they stop into the child; ids of those that went.

    Called before the part's wafers and units change lots. HeldError for a hold it would tear.
    """
    gone = []
    holds = Hold.objects.select_for_update().filter(lot=lot, released_at__isnull=True)
    for hold in holds.exclude(scope=HoldScope.LOT).order_by("id"):
        taken, total = _held_counts(lot, hold, part)
        refuse_torn_hold(lot.code, hold.reason, taken, total)
        if taken:
            hold.lot = child
            hold.save(update_fields=["lot"])
            gone.append(hold.pk)
    return gone


def _held_counts(lot: Lot, hold: Hold, part: Chosen) -> tuple[int, int]:
    """How many of the things that the hold stops are in the part, and how many in the lot."""
    items = HoldItem.objects.filter(hold=hold)
    if lot.unit_of_measure == UnitOfMeasure.WAFER:
        wafers = Wafer.objects.filter(
            lot=lot, is_scrapped=False, id__in=items.filter(wafer__isnull=False).values("wafer")
        )
        return wafers.filter(id__in=part.wafer_ids).count(), wafers.count()
    held = Unit.objects.filter(lot=lot).filter(~Exists(_built_in())).filter(held_by(items))
    good = held.filter(state=UnitState.GOOD)  # the others go nowhere by themselves
    ids = list((good if good.exists() else held).values_list("id", flat=True))
    taken = part.units.filter(id__in=ids).count() if part.units is not None else 0
    return taken, len(ids)


def held_by(items: QuerySet[HoldItem]) -> Q:
    """Units that these items name, by themselves or by their wafer."""
    units = items.filter(unit__isnull=False).values("unit")
    wafers = items.filter(wafer__isnull=False).values("wafer")
    return Q(id__in=units) | Q(wafer__in=wafers)


def _built_in() -> QuerySet[Genealogy]:
    return Genealogy.objects.filter(child=OuterRef("pk"), valid_to__isnull=True)


def refuse_held_parts(lots: Sequence[Lot], unit_ids: Sequence[int]) -> None:
    """HeldError naming the first parts that a hold on part of one of the lots stops."""
    holds = Hold.objects.filter(lot__in=lots, released_at__isnull=True).exclude(scope=HoldScope.LOT)
    if not holds.exists():
        return
    items = HoldItem.objects.filter(hold__in=holds)
    held = Unit.objects.filter(id__in=unit_ids).filter(held_by(items)).order_by("serial")
    named = list(held.values_list("serial", flat=True)[:NAMED_AT_MOST])
    if named:
        reasons = "; ".join(holds.order_by("id").values_list("reason", flat=True)[:NAMED_AT_MOST])
        raise HeldError(
            f"{', '.join(named)} are on hold ({reasons}). Take others, or release the hold first.",
            serials=named,
        )


def refuse_held_leaving(unit: Unit, lot: Lot) -> None:
    """HeldError naming the holds that stop the unit, or its lot, and would not follow it here."""
    is_whole = Q(scope=HoldScope.LOT, lot=unit.lot_id)
    items = HoldItem.objects.filter(Q(unit=unit) | Q(wafer__isnull=False, wafer=unit.wafer_id))
    holds = (
        Hold.objects.select_related("lot")
        .filter(is_whole | Q(id__in=items.values("hold")), released_at__isnull=True)
        .exclude(lot__code=lot.code)
        .order_by("id")
    )
    named = [f"{hold.reason}, lot {hold.lot.code}" for hold in holds[:NAMED_AT_MOST]]
    if named:
        raise HeldError(
            f"{unit.serial} is on hold ({'; '.join(named)}). Release the hold first, or return "
            "the part to the lot that is on hold.",
            serials=[unit.serial],
        )
