"""How much stands at risk, and what that makes of an issue."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

import pytest

from notices.domain.words import Severity
from quality.domain.stakes import Raising, Stake, severity_at
from quality.models import Issue
from quality.services import raise_findings, stakes
from quality.tests.building import NOW, bare_lot, finding, rule

DEAR = Raising(units=100, amount=Decimal(1000))


@pytest.mark.parametrize(
    ("stake", "found"),
    [
        (None, Severity.MINOR),
        (Stake(99), Severity.MINOR),
        (Stake(100), Severity.MAJOR),
        (Stake(1, Decimal(999)), Severity.MINOR),
        (Stake(1, Decimal(1000)), Severity.MAJOR),
        (Stake(100, Decimal(1000)), Severity.MAJOR),
    ],
)
def test_much_at_risk_is_one_step_worse(stake: Stake | None, found: Severity) -> None:
    assert severity_at(Severity.MINOR, stake, DEAR) is found


def test_critical_stays_critical_and_nothing_is_raised_without_a_threshold() -> None:
    assert severity_at(Severity.CRITICAL, Stake(100), DEAR) is Severity.CRITICAL
    assert severity_at(Severity.MINOR, Stake(10**6, Decimal(10**9)), Raising()) is Severity.MINOR


def raised_on_lot() -> Issue:
    lot = bare_lot("A-1")
    raise_findings(rule=rule(), findings=[finding(lot_id=lot.pk)], now=NOW)
    return Issue.objects.get()


@pytest.mark.usefixtures("rules")
def test_an_issue_keeps_what_its_lot_stood_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def valued(lot_ids: Collection[int]) -> dict[int, tuple[Decimal, str]]:
        return dict.fromkeys(lot_ids, (Decimal("1000000.50"), "USD"))

    monkeypatch.setattr(stakes, "_valuers", [valued])
    issue = raised_on_lot()
    assert (issue.units_at_risk, issue.amount_at_risk) == (0, Decimal("1000000.50"))
    assert (issue.currency, issue.severity) == ("USD", Severity.CRITICAL)


@pytest.mark.usefixtures("rules")
def test_a_lot_that_the_books_do_not_carry_counts_by_its_units() -> None:
    rule(raise_from_units=0)
    issue = raised_on_lot()
    assert (issue.amount_at_risk, issue.severity) == (None, Severity.CRITICAL)
    assert raise_findings(rule=rule(), findings=[finding("bare")], now=NOW)[0].units_at_risk is None
