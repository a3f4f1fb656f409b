"""What a review board used as it is: the units that had failed then, and no others."""

from __future__ import annotations

import pytest

from lots.domain.words import HoldScope
from lots.models import Lot
from quality.models import Issue
from quality.services import merge_issue, raise_findings
from quality.tests.building import NOW, finding, person, rule
from quality.tests.deciding import hold_for, signed
from quality.tests.test_carrying_out import carry_out
from quality.tests.test_escapes import BAD, counted, escaped, gone_on
from quality.tests.test_fact_detectors import CHIPS, moved
from quality.tests.test_fallout import failing
from testing.domain.words import Outcome
from testing.services import record_burn_in, record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

pytestmark = pytest.mark.usefixtures("rules")

LATE = Part(part_id="C3", outcome=Outcome.FAIL)


def issue_of(lot: Lot, detector: str, step: str = "FT-HOT") -> Issue:
    at_step = lot.route_version.steps.get(code=step)
    seen = finding(f"{detector} {lot.code}", lot_id=lot.pk, step_id=at_step.pk)
    raise_findings(rule=rule(detector), findings=[seen], now=NOW)
    return Issue.objects.get(cause_key=seen.cause_key)


def use_as_is(issue: Issue, lot: Lot, *serials: str) -> None:
    """The review board has the lot, or these units of it, used as they are."""
    part = {"scope": HoldScope.UNIT, "serials": serials} if serials else {}
    hold_for(issue, lot, **part)
    carry_out(signed(issue, lot=lot.code, serials=serials))


def left(lot: Lot) -> list[object]:
    """Serials of what still is an escape, finding by finding."""
    return [one.evidence.facts["serials"] for one in escaped(lot)]


@pytest.mark.parametrize(
    ("detector", "serials", "escapes"),
    [
        ("test-escape", (), []),
        ("test-escape", ("C2",), []),
        ("test-escape", ("C1",), [["C2"]]),
        ("yield-below-limit", ("C2",), []),
        ("yield-below-limit", (), [["C2"]]),
    ],
)
def test_board_lets_through_what_failed_by_name_or_as_an_escape(
    line: Line, detector: str, serials: tuple[str, ...], escapes: list[object]
) -> None:
    lot = gone_on(line, CHIPS[0], BAD, CHIPS[2])
    use_as_is(issue_of(lot, detector), lot, *serials)
    assert left(lot) == escapes


@pytest.mark.parametrize("serials", [(), ("C2", "C3")])
def test_unit_that_fails_after_the_board_decided_is_an_escape(
    line: Line, serials: tuple[str, ...]
) -> None:
    lot = gone_on(line, CHIPS[0], BAD, CHIPS[2])
    use_as_is(issue_of(lot, "test-escape"), lot, *serials)
    record_run(line.tested(LATE, sha256="b" * 64, hours=3000).record())
    assert left(lot) == [["C3"]]


def test_unit_let_through_that_fails_once_more_stays_let_through(line: Line) -> None:
    lot = gone_on(line, CHIPS[0], BAD, CHIPS[2])
    use_as_is(issue_of(lot, "test-escape"), lot)
    record_run(line.tested(BAD, sha256="b" * 64, hours=3000).record())
    assert left(lot) == []


def test_decision_at_one_step_says_nothing_of_another(line: Line) -> None:
    lot = gone_on(line, CHIPS[0], BAD, CHIPS[2])
    use_as_is(issue_of(lot, "test-escape", "FT-COLD"), lot)
    assert left(lot) == [["C2"]]


def test_board_decides_on_an_escape_at_the_issue_it_was_merged_into(line: Line) -> None:
    lot = gone_on(line, CHIPS[0], BAD, CHIPS[2])
    head = issue_of(lot, "yield-below-limit")
    escape = issue_of(lot, "test-escape")
    merge_issue(issue=escape, into=head, actor=person("lead"), reason="one cause")
    use_as_is(head, lot)
    assert left(lot) == []


def test_unit_that_failed_burn_in_is_let_through_there(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C2"))
    lot = moved(line.chip_lot, "FT-COLD", 40)
    use_as_is(issue_of(lot, "test-escape", "BI"), lot)
    again = oven_load(line, "C3", start_hour=10, source_sha256="d" * 64)
    record_burn_in(failing(again, "C3"))
    assert left(lot) == [["C3"]]


def test_counted_lot_is_let_through_with_so_many_as_had_failed(line: Line) -> None:
    lot = counted(line, 3)
    use_as_is(issue_of(lot, "test-escape"), lot)
    assert escaped(lot) == []
    record_run(line.tested(LATE, lot_id=lot.pk, sha256="b" * 64, hours=3000).record())
    assert [one.evidence.value for one in escaped(lot)] == [1]


def test_counted_lot_whose_failed_unit_passed_since_covers_no_other(line: Line) -> None:
    lot = counted(line, 3)
    use_as_is(issue_of(lot, "test-escape"), lot)
    parts = (LATE, CHIPS[1])
    record_run(line.tested(*parts, lot_id=lot.pk, sha256="b" * 64, hours=3000).record())
    assert [one.evidence.value for one in escaped(lot)] == [1]
