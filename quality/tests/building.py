"""Lots, figures and findings to try quality on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from lots.domain.words import LotKind, LotPurpose, UnitOfMeasure
from lots.models import Lot, Product, Step, Supplier
from quality.domain.findings import Evidence, Finding
from quality.domain.measures import Sample
from quality.domain.words import YieldScope
from quality.models import Issue, Rule, YieldFigure
from quality.services import raise_findings
from testing.domain.words import RetestPolicy
from testing.models import LotStep

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def sampled(count: int, size: int) -> Sample:
    """A share or a rate of a lot."""
    return Sample(count / size, count, size)


def bare_lot(code: str, *, step: str = "FT-HOT", product: str = "TRN3", **rest: Any) -> Lot:
    """An assembly lot without units or events, as cheap as can be."""
    at = Step.objects.get(route_version__route__code="A", code=step)
    given: dict[str, Any] = {
        "kind": LotKind.ASSEMBLY,
        "purpose": LotPurpose.PRODUCTION,
        "unit_of_measure": UnitOfMeasure.PACKAGE,
        "quantity": 0,
        "step_entered_at": T0,
        "started_at": T0,
    }
    return Lot.objects.create(
        code=code,
        product=Product.objects.get(code=product),
        route_version=at.route_version,
        step=at,
        custodian=Supplier.objects.get(code="OSAT1"),
        **{**given, **rest},
    )


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Yield of a lot at a step, with sites and failing bins if given; site → (passed, units)."""

    passed: int
    first_passed: int | None = None
    tested: int = 200
    bins: Mapping[str, int] = field(default_factory=dict)
    sites: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tester: str = "T1"
    days: float = 0
    revision: int = 1

    def of(self, lot: Lot, step: Step | None = None) -> LotStep:
        """Write them for the lot, at the step it stands at unless another is named."""
        started_at = T0 + timedelta(days=self.days)
        lot_step = LotStep.objects.create(
            lot=lot,
            step=step or lot.step,
            revision=self.revision,
            first_started_at=started_at,
            changed_at=started_at,
        )
        first = self.passed if self.first_passed is None else self.first_passed
        rows = [self._figure(lot_step, YieldScope.LOT, "", (first, self.passed, self.tested))]
        rows[0].fail_bins = dict(self.bins)
        rows += [
            self._figure(lot_step, YieldScope.SITE, f"{self.tester}/1/{site}", (ok, ok, units))
            for site, (ok, units) in self.sites.items()
        ]
        YieldFigure.objects.bulk_create(rows)
        return lot_step

    def _figure(
        self, lot_step: LotStep, scope: YieldScope, key: str, counts: tuple[int, int, int]
    ) -> YieldFigure:
        first, final, tested = counts
        return YieldFigure(
            lot_step=lot_step,
            scope=scope,
            scope_key=key,
            revision=self.revision,
            policy=RetestPolicy.LAST,
            tested=tested,
            first_passed=first,
            final_passed=final,
            retested=tested - first,
            recovered=final - first,
            first_ratio=first / tested,
            final_ratio=final / tested,
            started_at=lot_step.first_started_at or T0,
        )


def ordinary_lots(count: int = 8, **given: Any) -> list[Lot]:
    """Lots of 200 with about 95 % yield, one a day; `given` changes their figures."""
    lots = []
    for number in range(count):
        lot = bare_lot(f"OK-{number:02d}")
        passed = 188 + (number * 3) % 5
        fields: dict[str, Any] = {
            "passed": passed,
            "bins": {"5": (200 - passed) // 2, "7": 200 - passed - (200 - passed) // 2},
        }
        Figures(days=number, **{**fields, **given}).of(lot)
        lots.append(lot)
    return lots


def finding(cause_key: str = "cause", **given: Any) -> Finding:
    fields: dict[str, Any] = {"title": "Something", "evidence": Evidence("count", value=1)}
    return Finding(cause_key=cause_key, **{**fields, **given})


def rule(detector: str = "yield-below-limit", **changes: Any) -> Rule:
    found = Rule.objects.get(detector=detector)
    for name, value in changes.items():
        setattr(found, name, value)
    found.save()
    return found


def raised(cause_key: str = "cause", **given: Any) -> Issue:
    """An issue as it stands after it was found."""
    raise_findings(rule=rule(), findings=[finding(cause_key, **given)], now=NOW)
    return Issue.objects.get(cause_key=cause_key)


def person(name: str = "qa") -> User:
    return User.objects.create_user(name)
