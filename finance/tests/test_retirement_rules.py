"""The posting rules of what is lost in service: it is retired, and no scrap of the period."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from finance.domain.facts import Place, Standard
from finance.domain.words import Account, EntryKind
from finance.tests.test_rules import BOOK, BUILT, PLACES, Line
from finance.tests.test_verb_rules import on
from lots.domain.words import LineKind, Verb

SERVING = 70
SERVICE = replace(
    BOOK,
    places={**PLACES, (SERVING, "package"): Place(Account.FIXED_ASSET, "chip")},
    standards={**BOOK.standards, ("CHIP", "chip"): Standard(Decimal(90))},
)


def standing(step: int = SERVING) -> Line:
    line = Line(SERVICE)
    line.receive("P", "package", 4, step)
    return line


@pytest.mark.parametrize("reason", ["planned", "end-of-life"])
@pytest.mark.parametrize(
    ("verb", "kind"), [(Verb.SCRAP, LineKind.SCRAP), (Verb.LOSS, LineKind.LOSS)]
)
def test_what_is_lost_in_service_is_retired_whatever_the_reason(
    verb: Verb, kind: LineKind, reason: str
) -> None:
    legs = standing().do(verb, "P", {("P", "package"): {kind: 1}}, reason=reason)
    assert on(legs, Account.RETIREMENT) == (1, Decimal(90))
    assert on(legs, Account.FIXED_ASSET) == (-1, Decimal(-90))
    assert {leg.kind for leg in legs} == {EntryKind.RETIREMENT}


def test_what_is_lost_under_construction_is_scrap() -> None:
    legs = standing(BUILT).do(
        Verb.SCRAP, "P", {("P", "package"): {LineKind.SCRAP: 1}}, reason="end-of-life"
    )
    assert on(legs, Account.ABNORMAL_SCRAP) == (1, Decimal(90))
    assert on(legs, Account.RETIREMENT) == (0, Decimal(0))


def test_what_is_found_in_service_was_retired_before() -> None:
    line = standing()
    line.do(Verb.LOSS, "P", {("P", "package"): {LineKind.LOSS: 2}})
    legs = line.do(Verb.BONUS, "P", {("P", "package"): {LineKind.BONUS: 1}})
    assert on(legs, Account.RETIREMENT) == (-1, Decimal(-90))
    assert on(tuple(line.legs), Account.RETIREMENT) == (1, Decimal(90))


def test_a_correction_takes_a_retirement_back() -> None:
    line = standing()
    gone = line.do(Verb.SCRAP, "P", {("P", "package"): {LineKind.SCRAP: 2}})
    line.do(Verb.CORRECT, "P", {("P", "package"): {LineKind.BONUS: 2}}, undone=gone)
    assert on(tuple(line.legs), Account.RETIREMENT) == (0, Decimal(0))
    assert on(tuple(line.legs), Account.FIXED_ASSET) == (4, Decimal(360))
