"""One lot becomes two; several become one. Both keep their ancestry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID, uuid4

from lots.domain.balance import Holding, Line, lines_of
from lots.domain.commands import Command, Selection, check_code
from lots.domain.errors import QuantityError, UnlikeLotsError
from lots.domain.rules import refuse_unlike
from lots.domain.words import (
    LineageKind,
    LineKind,
    LotState,
    MergeAttribute,
    UnitOfMeasure,
    Verb,
)
from lots.models import Event, Lot, LotLineage, Unit, Wafer
from lots.selectors.rules import merge_attributes, split_ancestors
from lots.services.following import copy_stops, end_plans
from lots.services.frame import (
    Draft,
    holding_of,
    locked_lot,
    locked_lots,
    once,
    plain_values,
    refuse_stale,
    refuse_verb,
    set_quantity,
)
from lots.services.holding import carry_holds
from lots.services.lookups import insert_lot
from lots.services.selecting import Chosen, chosen
from supplychain.base.errors import MalformedError


def split_lot(*, lot: Lot, child_code: str, selection: Selection, command: Command) -> Event:
    """Part of the lot goes on as a lot of its own, at the same step.

    QuantityError unless some, but not all, of the lot is selected; HeldError under a hold on the
    whole lot, or when a hold on part of it would be torn. Such a hold follows what it stops.
    """
    check_code(child_code)
    wish = {"lot": lot.code, "child": child_code, **selection.told()}
    return once(Verb.SPLIT, wish, command, lambda: split(lot, child_code, selection, command))


def split(
    lot: Lot,
    child_code: str,
    selection: Selection,
    command: Command,
    more: Mapping[str, object] | None = None,
) -> Draft:
    """The work of a split, also of one that sends the child ahead. more: for its payload."""
    lot = locked_lot(lot, Verb.SPLIT, command)
    part = chosen(lot, selection)
    if not 0 < part.quantity < lot.quantity:
        raise QuantityError(
            f"Lot {lot.code} has {lot.quantity}; {part.quantity} is no part to split off.",
            lot=lot.code,
            quantity=lot.quantity,
        )
    event_id = uuid4()
    child = insert_lot(child_of(lot, child_code, part.quantity, is_pilot=more is not None))
    holds = take_part(lot, child, part, LineageKind.SPLIT, event_id)
    return Draft(
        Verb.SPLIT,
        lot,
        id=event_id,
        lines=part_lines(lot, child, part, Verb.SPLIT),
        step_from_id=lot.step_id,
        payload={
            "child": child.code,
            **selection.told(),
            **part.told(),
            **({"holds": holds} if holds else {}),
            **(more or {}),
        },
        touched=(lot,),
    )


def take_part(lot: Lot, child: Lot, part: Chosen, kind: LineageKind, event_id: UUID) -> list[int]:
    """The part's wafers, units and holds go to the child, planned stops too; ids of the holds."""
    LotLineage.objects.create(parent=lot, child=child, kind=kind, event_id=event_id)
    holds = carry_holds(lot, child, part)
    copy_stops(lot, child, part)
    Wafer.objects.filter(id__in=part.wafer_ids).update(lot=child)
    if part.units is not None:
        part.units.update(lot=child)
    return holds


def part_lines(lot: Lot, child: Lot, part: Chosen, verb: Verb) -> tuple[Line, ...]:
    """What the lot gives and the child takes, the lot's quantity being set."""
    lines = lines_of(holding_of(lot), {LineKind.SPLIT_OUT: part.quantity})
    empty = Holding(child.pk, child.code, UnitOfMeasure(lot.unit_of_measure), 0)
    set_quantity(lot, verb, lot.quantity - part.quantity)
    return (*lines, *lines_of(empty, {LineKind.MERGE_IN: part.quantity}))


def child_of(lot: Lot, code: str, quantity: int, *, is_pilot: bool = False) -> Lot:
    """A lot like this one, for part of it."""
    return Lot(
        code=code,
        kind=lot.kind,
        purpose=lot.purpose,
        is_hot=lot.is_hot,
        is_pilot=is_pilot,
        product=lot.product,
        bill=lot.bill,
        route_version=lot.route_version,
        step=lot.step,
        step_entered_at=lot.step_entered_at,
        waiting_since=lot.waiting_since,
        tracked_in_at=lot.tracked_in_at,
        equipment=lot.equipment,
        rework_return_step=lot.rework_return_step,
        rework_attempt=lot.rework_attempt,
        custodian=lot.custodian,
        state=lot.state,
        unit_of_measure=lot.unit_of_measure,
        quantity=quantity,
        started_at=lot.started_at,
        due_on=lot.due_on,
        customer=lot.customer,
        version=1,
    )


def merge_lots(*, into: Lot, lots: Sequence[Lot], command: Command) -> Event:
    """Everything of the other lots goes into one; they end.

    UnlikeLotsError naming the attribute that differs and both values, or a future action that
    would be lost; HeldError under a hold.
    """
    others = sorted({lot.pk: lot for lot in lots}.values(), key=lambda lot: lot.pk)
    if not others or len(others) != len(lots) or into.pk in {lot.pk for lot in others}:
        raise MalformedError("Name one or more other lots, each once.", field="lots")
    wish = {"into": into.code, "lots": [lot.code for lot in others]}
    return once(Verb.MERGE, wish, command, lambda: _merge(into, others, command))


def _merge(into: Lot, others: Sequence[Lot], command: Command) -> Draft:
    found = locked_lots([into.pk, *(lot.pk for lot in others)])
    into = next(lot for lot in found if lot.pk == into.pk)
    sources = [lot for lot in found if lot.pk != into.pk]
    refuse_stale(into, command)
    refuse_verb(found, Verb.MERGE)
    for source in sources:
        _refuse_unlike(into, source)
        _refuse_other_state(into, source)
    _refuse_same_wafers(found)
    end_plans(into, sources)
    event_id = uuid4()
    _carry_over(into, sources, event_id)
    total = sum(source.quantity for source in sources)
    lines = list(lines_of(holding_of(into), {LineKind.MERGE_IN: total}))
    for source in sources:
        lines += lines_of(holding_of(source), {LineKind.SPLIT_OUT: source.quantity})
        source.quantity, source.state = 0, LotState.FINISHED
    set_quantity(into, Verb.MERGE, into.quantity + total)
    waits = _wait_on(into, sources)
    return Draft(
        Verb.MERGE,
        into,
        id=event_id,
        lines=tuple(lines),
        step_from_id=into.step_id,
        payload={"lots": [source.code for source in sources], **waits},
        touched=tuple(found),
        fields=("waiting_since",),
    )


def _wait_on(into: Lot, sources: Sequence[Lot]) -> dict[str, object]:
    """What waits longest at the step says since when all of it does, and the event tells of it."""
    here = [source.waits_since for source in sources if source.step_id == into.step_id]
    if min(here, default=into.waits_since) >= into.waits_since:
        return {}
    into.waiting_since = min(here)
    return plain_values(into, "waiting_since")


def _refuse_unlike(into: Lot, other: Lot) -> None:
    """By the rules of both products, which differ only where a rule lets products mix."""
    names = merge_attributes(into.product)
    if other.product_id != into.product_id:
        required = {*names, *merge_attributes(other.product)}
        names = tuple(name for name in MergeAttribute if name in required)
    refuse_unlike(into.code, _attributes(into, names), other.code, _attributes(other, names))


def _refuse_other_state(into: Lot, other: Lot) -> None:
    """Banked lots merge with banked ones, and those on rework with those that go back alike."""
    for name, ours, theirs in [
        ("state", into.state, other.state),
        ("rework", into.rework_return_step_id, other.rework_return_step_id),
    ]:
        if ours != theirs:
            raise UnlikeLotsError(
                f"{name}: {into.code} has {ours or 'none'}, {other.code} has {theirs or 'none'}. "
                "Only like lots merge.",
                attribute=name,
            )


def _refuse_same_wafers(lots: Sequence[Lot]) -> None:
    """A number names one wafer of a lot: by it wafers are held, split off and diced."""
    numbered = Wafer.objects.filter(lot__in=lots, is_scrapped=False, number__isnull=False)
    codes: dict[int | None, list[str]] = {}
    for number, code in numbered.order_by("number", "code").values_list("number", "code"):
        codes.setdefault(number, []).append(code)
    twice = next((found for found in codes.values() if len(found) > 1), None)
    if twice:
        raise UnlikeLotsError(
            f"wafers: {' and '.join(twice)} have the same number. Leave one of the lots apart, or "
            "split the wafer off first.",
            attribute="wafers",
        )


def _attributes(lot: Lot, names: Sequence[MergeAttribute]) -> dict[str, str]:
    return {name: VALUES[name](lot) for name in names}


def _split_root(lot: Lot) -> str:
    """The code of the lot that it was first split from; its own when it was not."""
    return Lot.objects.values_list("code", flat=True).get(pk=split_ancestors(lot)[-1])


VALUES: Mapping[MergeAttribute, Callable[[Lot], str]] = {
    MergeAttribute.PRODUCT: lambda lot: lot.product.code,
    MergeAttribute.BILL: lambda lot: str(lot.bill or ""),
    MergeAttribute.ROUTE_VERSION: lambda lot: str(lot.route_version),
    MergeAttribute.STEP: lambda lot: lot.step.code,
    MergeAttribute.CUSTODIAN: lambda lot: lot.custodian.code,
    MergeAttribute.PURPOSE: lambda lot: lot.purpose,
    MergeAttribute.UNIT_OF_MEASURE: lambda lot: lot.unit_of_measure,
    MergeAttribute.STEPPING: lambda lot: lot.product.stepping,
    MergeAttribute.CUSTOMER: lambda lot: lot.customer,
    MergeAttribute.IS_HOT: lambda lot: "hot" if lot.is_hot else "not hot",
    MergeAttribute.REWORK_ATTEMPT: lambda lot: str(lot.rework_attempt),
    MergeAttribute.PARENT: _split_root,
}
"""How each thing that may have to be alike reads on a lot."""


def _carry_over(into: Lot, sources: Sequence[Lot], event_id: UUID) -> None:
    LotLineage.objects.bulk_create(
        LotLineage(parent=source, child=into, kind=LineageKind.MERGE, event_id=event_id)
        for source in sources
    )
    Wafer.objects.filter(lot__in=sources).update(lot=into)
    Unit.objects.filter(lot__in=sources).update(lot=into)
