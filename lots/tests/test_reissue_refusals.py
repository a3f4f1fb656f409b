"""What is not told anew of material, and what the database refuses of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from lots.domain.balance import Line, lines_of
from lots.domain.commands import Command, HoldOrder, Selection
from lots.domain.errors import (
    BillError,
    PartError,
    QuantityError,
    ReasonError,
    WrongStateError,
)
from lots.domain.words import HoldClass, LineKind, LotState, Verb
from lots.models import Event, Lot, MaterialUse
from lots.services import (
    bank_lot,
    correct_event,
    hold_lot,
    move_lot,
    preview,
    record_bonus,
    scrap_units,
    ship_lot,
    split_lot,
)
from lots.services.frame import Draft, holding_of, once
from lots.tests.making import (
    again,
    command,
    hold,
    material_lot,
    supplier,
)
from lots.tests.reissuing import WRONG, assembled, lot, reissue, told
from supplychain.base.errors import (
    ConflictError,
    ForbiddenError,
    MalformedError,
    MissingError,
    RefusedError,
    StaleError,
    SupplychainError,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("materials")]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        (("HBM-1", "HBM-2", 9), QuantityError, "did not take 9 from lot HBM-1; it took 8 from"),
        (("HBM-2", "HBM-1", 1), QuantityError, "did not take 1 from lot HBM-2"),
        (("HBM-1", "SMALL", 8), QuantityError, "SMALL has 5 component; 8 cannot leave it"),
        (("HBM-1", "CPU", 8), BillError, "CPU holds CPU-1. Tell like for like"),
        (("HBM-1", "NAMED", 8), PartError, "units of lot NAMED have serials"),
        (("HBM-1", "LATE", 8), WrongStateError, "LATE is there since 2025-03-01 10:00"),
        (("HBM-1", "GHOST", 8), MissingError, "There is no lot GHOST"),
        (("HBM-1", "P1", 8), BillError, "Tell like for like"),
    ],
)
def test_what_cannot_be_is_refused_whole(
    changes: tuple[str, str, int], error: type[SupplychainError], words: str, assembly: Event
) -> None:
    material_lot("SMALL", 5), material_lot("CPU", 9, "CPU-1")
    material_lot("NAMED", 8, serials=tuple(f"STACK-{number}" for number in range(8)))
    late = material_lot("LATE-0")
    split_lot(
        lot=late, child_code="LATE", selection=Selection(quantity=9), command=command(hours=2)
    )
    before = Event.objects.count()
    with pytest.raises(error, match=words):
        reissue(assembly, changes)
    assert (Event.objects.count(), MaterialUse.objects.count()) == (before, 1)


def test_an_exchange_may_use_a_lot_that_came_later(assembly: Event) -> None:
    split_lot(
        lot=lot("HBM-2"), child_code="LATE", selection=Selection(quantity=9),
        command=command(hours=2),
    )  # fmt: skip
    reissue(assembly, ("HBM-1", "LATE", 1), is_exchange=True)
    assert told() == {"HBM-1": 7, "LATE": 1}


def test_nothing_returns_to_a_lot_that_left(assembly: Event) -> None:
    ship_lot(lot=lot("HBM-1"), to=supplier("ODM1"), customer="", command=command(hours=2))
    with pytest.raises(WrongStateError, match="HBM-1 is shipped; what is taken out"):
        reissue(assembly, ("HBM-1", "HBM-2", 1), is_exchange=True)
    reissue(assembly, ("HBM-1", "HBM-2", 8))
    assert (lot("HBM-1").state, lot("HBM-1").quantity) == (LotState.SHIPPED, 100)
    call_command("verify_ledger")


def test_nothing_taken_out_returns_to_a_lot_that_ended_after_it_left(assembly: Event) -> None:
    ship_lot(lot=lot("HBM-1"), to=supplier("ODM1"), customer="", command=command(hours=2))
    selection = Selection(quantity=92)
    scrap_units(lot=lot("HBM-1"), selection=selection, command=command(reason="handling"))
    with pytest.raises(WrongStateError, match="HBM-1 is shipped; what is taken out"):
        reissue(assembly, ("HBM-1", "HBM-2", 1), is_exchange=True)


def test_parts_exchanged_by_the_reason_are_an_exchange(assembly: Event) -> None:
    asked = command(hours=3, reason="exchanged")
    with pytest.raises(ReasonError, match="Say that it is an exchange, or choose"):
        reissue(assembly, ("HBM-1", "HBM-2", 8), order=asked)


def test_nothing_is_exchanged_before_it_was_put_in(assembly: Event) -> None:
    material_lot("HBM-3")
    later, sooner = (command(hours=hours, reason="exchanged") for hours in (9, 5))
    reissue(assembly, ("HBM-1", "HBM-2", 4), order=later, is_exchange=True)
    with pytest.raises(MalformedError, match="By 2025-03-01 17:00 UTC lot HBM-2 had given 4"):
        reissue(assembly, ("HBM-2", "HBM-3", 4), order=sooner, is_exchange=True)


def test_a_lot_that_is_not_at_hand_gives_nothing(assembly: Event) -> None:
    bank_lot(lot=lot("HBM-2"), command=command(reason="end of quarter"))
    with pytest.raises(WrongStateError, match="HBM-2 is banked; assemble is not possible"):
        reissue(assembly, ("HBM-1", "HBM-2", 8))


@pytest.mark.parametrize("held", ["HBM-1", "HBM-2"])
@pytest.mark.parametrize("has_role", [True, False])
def test_only_who_may_release_a_hold_tells_its_lot_anew(
    held: str, has_role: bool, assembly: Event
) -> None:
    ann = User.objects.create_user("ann")
    role = Group.objects.create(name="Material review") if has_role else None
    stop = HoldOrder(HoldClass.QUALITY, "voids", releasing_role_id=role.pk if role else None)
    hold_lot(lot=lot(held), order=stop, command=command())
    words = "Only Material review may release" if has_role else "you may not release it"
    with pytest.raises(ForbiddenError, match=words):
        reissue(assembly, ("HBM-1", "HBM-2", 8), order=by(ann))
    if role:
        ann.groups.add(role)
    else:
        ann.user_permissions.add(Permission.objects.get(codename="release_lot"))
    reissue(assembly, ("HBM-1", "HBM-2", 8), order=by(ann))
    assert told() == {"HBM-2": 8}


def test_an_exchange_out_of_a_lot_on_hold_is_for_who_may_release_it(assembly: Event) -> None:
    hold(lot("HBM-1"), "voids")
    with pytest.raises(ForbiddenError, match=r"HBM-1 is on hold \(voids\)"):
        reissue(
            assembly, ("HBM-1", "HBM-2", 8), order=by(User.objects.create_user("ann")),
            is_exchange=True,
        )  # fmt: skip


def by(actor: User) -> Command:
    return command(hours=3, reason=WRONG, actor_id=actor.pk)


def test_a_reason_and_the_version_looked_at_are_asked_for(assembly: Event) -> None:
    with pytest.raises(ReasonError, match="luck is no reason for reissue"):
        reissue(assembly, ("HBM-1", "HBM-2", 8), order=command(hours=3, reason="luck"))
    stale = command(hours=3, reason=WRONG, expected_version=7)
    with pytest.raises(StaleError, match="P1 is at version"):
        reissue(assembly, ("HBM-1", "HBM-2", 8), order=stale)


def test_an_event_that_named_no_material_is_not_told_anew(assembly: Event) -> None:
    unnamed = assembled(lot="P2", first=2)
    for event in (unnamed, Event.objects.get(seq=1)):
        with pytest.raises(RefusedError, match=f"Event {event.seq} named no lots"):
            reissue(event, ("HBM-1", "HBM-2", 8))
    with pytest.raises(MalformedError, match="told anew before that"):
        reissue(assembly, ("HBM-1", "HBM-2", 8), order=command(reason=WRONG))


def test_the_same_order_sent_again_changes_nothing_more(assembly: Event) -> None:
    once = command("once", hours=3, reason=WRONG)
    first = reissue(assembly, ("HBM-1", "HBM-2", 8), order=once)
    assert reissue(assembly, ("HBM-1", "HBM-2", 8), order=once) == first
    assert lot("HBM-2").quantity == 92
    with pytest.raises(ConflictError):
        reissue(assembly, ("HBM-1", "HBM-2", 7), order=once)


def test_a_preview_keeps_nothing(assembly: Event) -> None:
    shown = preview(lambda: reissue(assembly, ("HBM-1", "HBM-2", 8)))
    assert {one.code: one.quantity for one in shown.after} == {"P1": 2, "HBM-1": 100, "HBM-2": 92}
    assert (told(), lot("HBM-1").quantity) == ({"HBM-1": 8}, 92)


def test_a_retelling_is_not_corrected_as_such_nor_the_assembly_it_builds_on(
    assembly: Event,
) -> None:
    event = reissue(assembly, ("HBM-1", "HBM-2", 8))
    with pytest.raises(RefusedError, match="is not corrected as such"):
        correct_event(event=event, command=command(hours=4, reason="slip"))
    with pytest.raises(ConflictError, match=f"{event.seq} reissue"):
        correct_event(event=assembly, command=command(hours=4, reason="slip"))


def test_what_was_counted_before_is_corrected_only_where_no_retelling_builds_on_it(
    assembly: Event,
) -> None:
    moved = move_lot(
        lot=again(assembly.lot),
        to_step=again(assembly.lot).route_version.steps.get(code="FT-HOT"),
        command=command(hours=2),
    )
    found = record_bonus(lot=lot("HBM-2"), quantity=5, command=command(reason="found"))
    reissue(assembly, ("HBM-1", "HBM-2", 8))
    correct_event(event=moved, command=command(hours=4, reason="slip"))
    with pytest.raises(ConflictError, match="Later events of lot HBM-2 build on"):
        correct_event(event=found, command=command(hours=4, reason="slip"))
    call_command("verify_ledger")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"quantity": F("quantity") + 1}, "no assembly took"),
        ({"replaces": None, "quantity": 8}, "lots_materialuse_first"),
    ],
)
def test_a_retold_use_that_the_ledger_does_not_know_is_refused(
    changed: dict[str, object], words: str, assembly: Event
) -> None:
    event = reissue(assembly, ("HBM-1", "HBM-2", 3))
    last = MaterialUse.objects.get(retold_by=event, lot__code="HBM-1")
    row = {"event": assembly, "lot": last.lot, "quantity": 5, "replaces": last, "retold_by": event}
    if "replaces" in changed:
        row |= changed
    with (
        pytest.raises(IntegrityError, match=words),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        MaterialUse.objects.create(**row)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_retelling_that_hides_a_use_is_refused(assembly: Event) -> None:
    event = reissue(assembly, ("HBM-1", "HBM-2", 3))
    with (
        pytest.raises(DatabaseError, match="does not tell the uses of its material"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(COPIED, [event.pk])
        cursor.execute("SET CONSTRAINTS lots_event_materials_told IMMEDIATE")


@pytest.mark.parametrize(
    ("returned", "rows", "words"),
    [
        (2, {"HBM-1": 6, "HBM-2": 1}, "takes other material than it gives back"),
        (1, {"HBM-1": 7}, "changes lots without telling their use"),
    ],
)
def test_a_retelling_out_of_balance_is_refused(
    returned: int, rows: dict[str, int], words: str, assembly: Event
) -> None:
    with (
        pytest.raises(IntegrityError, match=words),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        once(Verb.REISSUE, {}, command(), lambda: forged(assembly, returned, rows))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def forged(assembly: Event, returned: int, rows: dict[str, int]) -> Draft:
    """So many go back to HBM-1, one leaves HBM-2, and the rows are told."""
    draft = Draft(Verb.REISSUE, assembly.lot)
    lines: list[Line] = []
    for code, kind, count in [
        ("HBM-1", LineKind.PRODUCED, returned),
        ("HBM-2", LineKind.CONSUMED, 1),
    ]:
        lines += lines_of(holding_of(lot(code)), {kind: count})
        Lot.objects.filter(code=code).update(quantity=lines[-1].quantity)
    for code, quantity in rows.items():
        MaterialUse.objects.create(
            event=assembly,
            lot=lot(code),
            quantity=quantity,
            retold_by_id=draft.id,
            replaces=MaterialUse.objects.filter(event=assembly, lot__code=code).first(),
        )
    return replace(draft, lines=tuple(lines), payload={"assembly": assembly.seq, "materials": rows})


COPIED = """
    INSERT INTO lots_event (
        id, seq, op_key, body_sha256, verb, lot_id, source, source_reference, request_id, reason,
        comment, payload, previous_sha256, sha256, occurred_at, recorded_at
    )
    SELECT
        gen_random_uuid(), seq + 1, op_key || '-2', body_sha256, verb, lot_id, source, '', '', '',
        '', payload, sha256, repeat('1', 64), occurred_at, recorded_at
    FROM lots_event WHERE id = %s
"""
