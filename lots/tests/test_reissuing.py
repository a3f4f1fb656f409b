"""The lots that an assembly took its parts without serials from, told anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from lots.domain.commands import Selection
from lots.domain.errors import (
    HeldError,
)
from lots.domain.moments import Moment
from lots.domain.words import LineKind, LotState
from lots.models import Event, Lot, LotLineage, MaterialUse
from lots.selectors import materials_of, stops_of_unit
from lots.selectors.genealogy import lineage_of
from lots.selectors.lots import lots_with_details
from lots.selectors.materials import links_now, uses_now
from lots.services import (
    bank_lot,
    merge_lots,
    scrap_units,
    ship_lot,
    split_lot,
)
from lots.tests.making import (
    T0,
    again,
    command,
    good_units,
    hold,
    material_lot,
    supplier,
)
from lots.tests.reissuing import assembled, lot, quantities, reissue, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("materials")]


def test_the_count_goes_back_and_is_taken_from_the_other_lot(assembly: Event) -> None:
    before = again(assembly.lot).version
    event = reissue(assembly, ("HBM-1", "HBM-2", 8))
    assert (lot("HBM-1").quantity, lot("HBM-2").quantity) == (100, 92)
    lines = set(event.lines.values_list("lot__code", "kind", "quantity"))
    assert lines == {
        ("HBM-1", LineKind.IN, 92), ("HBM-1", LineKind.PRODUCED, 8), ("HBM-1", LineKind.GOOD, 100),
        ("HBM-2", LineKind.IN, 100), ("HBM-2", LineKind.CONSUMED, 8), ("HBM-2", LineKind.GOOD, 92),
    }  # fmt: skip
    assert (event.lot_id, again(assembly.lot).version) == (assembly.lot_id, before + 1)
    assert event.payload["materials"] == {"HBM-1": 0, "HBM-2": 8}
    (used,) = materials_of(["P1-P0"])
    assert (used.lot_code, used.quantity, used.seq) == ("HBM-2", 8, assembly.seq)
    assert used.retold_seq == event.seq
    call_command("verify_ledger")


def test_what_was_told_before_stays_and_can_be_asked_for(assembly: Event) -> None:
    event = reissue(assembly, ("HBM-1", "HBM-2", 8))
    assert MaterialUse.objects.filter(event=assembly).count() == 3
    assert told(Moment(seq=assembly.seq)) == told(Moment(seq=event.seq - 1)) == {"HBM-1": 8}
    assert told(Moment(seq=event.seq)) == {"HBM-2": 8}
    assert told(Moment(seq=assembly.seq - 1)) == {}
    assert quantities(seq=event.seq - 1) == {"HBM-1": 92, "HBM-2": 100}
    assert quantities(seq=event.seq) == {"HBM-1": 100, "HBM-2": 92}


def test_by_time_a_mistake_never_was_and_an_exchange_comes_when_it_came(assembly: Event) -> None:
    between = T0 + timedelta(hours=2)
    reissue(assembly, ("HBM-1", "HBM-2", 6))
    assert told(Moment(happened_by=between)) == {"HBM-1": 2, "HBM-2": 6}
    assert quantities(happened_by=between) == {"HBM-1": 98, "HBM-2": 94}
    assert told(Moment(happened_by=T0)) == {}
    assert quantities(happened_by=T0) == {"HBM-1": 100, "HBM-2": 100}
    swapped = command(hours=4, reason="exchanged")
    reissue(assembly, ("HBM-1", "HBM-2", 2), order=swapped, is_exchange=True)
    assert told(Moment(happened_by=between)) == {"HBM-1": 2, "HBM-2": 6}
    assert quantities(happened_by=T0 + timedelta(hours=5)) == {"HBM-1": 100, "HBM-2": 92}
    assert told() == told(Moment(happened_by=T0 + timedelta(hours=5))) == {"HBM-2": 8}


def test_an_exchange_that_never_was_is_taken_back_from_when_it_counted(assembly: Event) -> None:
    reissue(assembly, ("HBM-1", "HBM-2", 1), is_exchange=True)
    reissue(assembly, ("HBM-2", "HBM-1", 1), order=command(hours=4, reason="wrong-lot"))
    for hours in (2, 3, 5):
        moment = Moment(happened_by=T0 + timedelta(hours=hours))
        assert told(moment) == {"HBM-1": 8}
        assert quantities(happened_by=moment.happened_by) == {"HBM-1": 92, "HBM-2": 100}


def test_ancestry_goes_by_what_is_told_now(assembly: Event) -> None:
    def parents() -> tuple[set[str], ...]:
        details = lots_with_details().get(code="P1")
        links = LotLineage.objects.filter(id__in=links_now().values("id"), child__code="P1")
        return (
            {link.parent for link in lineage_of(["P1"])},
            {link.parent.code for link in details.parent_links.all()},
            set(links.values_list("parent__code", flat=True)),
        )

    reissue(assembly, ("HBM-1", "HBM-2", 3))
    assert parents() == ({"W1", "HBM-1", "HBM-2"},) * 3
    reissue(assembly, ("HBM-1", "HBM-2", 5))
    assert parents() == ({"W1", "HBM-2"},) * 3
    reissue(assembly, ("HBM-2", "HBM-1", 8))
    assert parents() == ({"W1", "HBM-1"},) * 3


def test_what_holds_now_is_one_set_to_the_database_and_to_us(assembly: Event) -> None:
    reissue(assembly, ("HBM-1", "HBM-2", 3))
    reissue(assembly, ("HBM-2", "HBM-1", 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, quantity FROM lots_material_used_v1 ORDER BY id")
        viewed = cursor.fetchall()
        cursor.execute("SELECT id FROM lots_lineage_now_v1 ORDER BY id")
        links = [row[0] for row in cursor.fetchall()]
    assert viewed == list(uses_now().order_by("id").values_list("id", "quantity"))
    assert links == list(links_now().order_by("id").values_list("id", flat=True))
    assert told() == {"HBM-1": 6, "HBM-2": 2}
    call_command("verify_ledger")


def test_a_use_that_only_shrank_never_grew(assembly: Event) -> None:
    event = reissue(assembly, ("HBM-1", "HBM-2", 3), is_exchange=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT quantity, added_seq FROM lots_material_used_v2 ORDER BY lot_id")
        assert cursor.fetchall() == [(5, None), (3, event.seq)]


def test_a_used_up_lot_lives_again(materials: None) -> None:
    material_lot("HBM-3", 8)
    event = assembled(("HBM-3", 8))
    assert lot("HBM-3").state == LotState.FINISHED
    reissue(event, ("HBM-3", "HBM-1", 5))
    assert (lot("HBM-3").state, lot("HBM-3").quantity) == (LotState.ACTIVE, 5)
    call_command("verify_ledger")
    split_lot(
        lot=lot("HBM-3"), child_code="HBM-3.1", selection=Selection(quantity=2), command=command()
    )
    reissue(event, ("HBM-1", "HBM-3", 3))
    assert (lot("HBM-3").state, lot("HBM-3").quantity) == (LotState.FINISHED, 0)
    call_command("verify_ledger")


def scrapped(one: Lot) -> None:
    scrap_units(
        lot=one, selection=Selection(quantity=one.quantity), command=command(reason="handling")
    )


def shipped_then_scrapped(one: Lot) -> None:
    ship_lot(lot=one, to=supplier("ODM1"), customer="", command=command())
    scrapped(again(one))


def banked_then_merged(one: Lot) -> None:
    for code in (one.code, "HBM-2"):
        bank_lot(lot=lot(code), command=command(reason="end of quarter"))
    merge_lots(into=lot("HBM-2"), lots=[again(one)], command=command())


@pytest.mark.parametrize(
    ("way", "state"),
    [
        (scrapped, LotState.ACTIVE),
        (shipped_then_scrapped, LotState.SHIPPED),
        (banked_then_merged, LotState.BANKED),
    ],
)
def test_a_lot_that_ended_stands_again_where_it_did(
    way: Callable[[Lot], None], state: LotState, assembly: Event
) -> None:
    material_lot("HBM-4", 9)
    way(lot("HBM-1"))
    assert lot("HBM-1").quantity == 0
    reissue(assembly, ("HBM-1", "HBM-4", 8))
    assert (lot("HBM-1").state, lot("HBM-1").quantity) == (state, 8)
    call_command("verify_ledger")


def test_a_part_of_a_lot_stands_again_as_the_lot_did(materials: None) -> None:
    split_lot(
        lot=lot("HBM-2"), child_code="HBM-2.1", selection=Selection(quantity=8), command=command()
    )
    event = assembled(("HBM-2.1", 8))
    bank_lot(lot=lot("HBM-2"), command=command(reason="end of quarter"))
    reissue(event, ("HBM-2.1", "HBM-1", 8))
    assert lot("HBM-2.1").state == LotState.ACTIVE
    call_command("verify_ledger")


def test_a_hold_placed_since_does_not_stop_the_word_and_then_stops_what_was_built(
    assembly: Event,
) -> None:
    package = good_units(assembly.lot)[0]
    hold(lot("HBM-2"), "voids")
    assert stops_of_unit(package) == []
    with pytest.raises(HeldError, match="HBM-2 is on hold"):
        reissue(assembly, ("HBM-1", "HBM-2", 8), is_exchange=True)
    reissue(assembly, ("HBM-1", "HBM-2", 8))
    assert [(one.lot, one.reason) for one in stops_of_unit(package)] == [("HBM-2", "voids")]


def test_a_hold_on_the_lot_named_by_mistake_stops_what_was_built_no_more(assembly: Event) -> None:
    package = good_units(assembly.lot)[0]
    hold(lot("HBM-1"), "voids")
    assert len(stops_of_unit(package)) == 1
    reissue(assembly, ("HBM-1", "HBM-2", 8))
    assert (stops_of_unit(package), lot("HBM-1").quantity) == ([], 100)


def test_what_was_built_and_shipped_is_told_anew_too(assembly: Event) -> None:
    ship_lot(lot=again(assembly.lot), to=supplier("ODM1"), customer="", command=command(hours=2))
    reissue(assembly, ("HBM-1", "HBM-2", 8))
    assert (told(), again(assembly.lot).state) == ({"HBM-2": 8}, LotState.SHIPPED)


def test_several_lots_are_told_at_once(materials: None) -> None:
    event = assembled(("HBM-1", 6), ("HBM-2", 2))
    material_lot("HBM-3"), material_lot("HBM-4")
    reissue(event, ("HBM-1", "HBM-3", 4), ("HBM-1", "HBM-4", 2), ("HBM-2", "HBM-3", 1))
    assert told() == {"HBM-2": 1, "HBM-3": 5, "HBM-4": 2}
