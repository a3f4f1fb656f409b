from __future__ import annotations

from dataclasses import replace

from lots.domain.balance import Holding, Line, lines_of
from lots.domain.chain import FIRST_SHA256, event_sha256
from lots.domain.verifying import Entry, Walk
from lots.domain.words import LineKind, UnitOfMeasure, Verb

UNIT = UnitOfMeasure.SWITCH


def entry(seq: int, verb: Verb, previous: str, lines: tuple[Line, ...]) -> Entry:
    content = {"seq": seq}
    return Entry(seq, 1, verb, previous, event_sha256(previous, content), content, lines)


def held(quantity: int) -> tuple[Line, ...]:
    return lines_of(Holding(1, "N1", UNIT, quantity))


RECEIVED = entry(1, Verb.RECEIVE, FIRST_SHA256, held(10))


def what(walk: Walk, step: Entry) -> str:
    fault = walk.fault_of(step)
    return f"{fault.seq}: {fault.what}" if fault else ""


def test_sound_walk_ends_with_what_the_lot_has() -> None:
    walk = Walk()
    scrapped = lines_of(Holding(1, "N1", UNIT, 10), {LineKind.SCRAP: 4})
    assert what(walk, RECEIVED) == ""
    assert what(walk, entry(2, Verb.SCRAP, RECEIVED.sha256, scrapped)) == ""
    assert walk.lot_fault(1, UNIT, 6, 2) is None


def test_quantity_out_of_nowhere_is_a_fault() -> None:
    walk = Walk()
    walk.fault_of(RECEIVED)
    assert what(walk, entry(2, Verb.MOVE, RECEIVED.sha256, held(11))) == (
        "2: lot 1 had 10 switch, 11 came in"
    )


def test_only_receiving_brings_quantity_to_a_new_lot() -> None:
    step = entry(1, Verb.MOVE, FIRST_SHA256, held(10))
    assert what(Walk(), step) == "1: lot 1 had 0 switch, 10 came in"


def test_imbalance_is_a_fault() -> None:
    lines = (*held(10), Line(1, UNIT, LineKind.SCRAP, 3))
    step = entry(1, Verb.RECEIVE, FIRST_SHA256, lines)
    assert what(Walk(), step) == "1: lot 1 is out of balance by -3 switch"


def test_changed_content_is_a_fault() -> None:
    assert "was changed" in what(Walk(), replace(RECEIVED, content={"seq": 1, "verb": "move"}))


def test_lot_nobody_wrote_about_has_nothing() -> None:
    fault = Walk().lot_fault(7, UNIT, 3, 1)
    assert fault is not None
    assert fault.what.endswith("its ledger says 0 at version 0")
