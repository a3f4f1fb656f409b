"""What a lot step would be under each retest policy, and the rules that say which one it gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lots.models import Lot
from supplychain.base.errors import MissingError
from testing.domain.retest import RetestCounts
from testing.domain.words import RetestPolicy
from testing.models import LotStep, RetestRule
from testing.selectors import listed_retest_rules, policy_figures, rule_in_force

RULES_MAX = 500
POLICY_WORDS = {
    RetestPolicy.LAST: "the last insertion decides",
    RetestPolicy.BEST: "the first that passed decides, else the last",
    RetestPolicy.FLAGGED: "the last that the tester marked as a retest decides, else the first",
}


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A lot step's figures under a policy. difference: units of final pass against what stands."""

    policy: RetestPolicy
    words: str
    counts: RetestCounts
    is_standing: bool
    difference: int

    @property
    def first_ratio(self) -> float | None:
        return self.counts.first_passed / self.counts.units if self.counts.units else None

    @property
    def final_ratio(self) -> float | None:
        return self.counts.final_passed / self.counts.units if self.counts.units else None


@dataclass(frozen=True, slots=True)
class RetestView:
    """steps: those of the lot with results, to choose from. rule: None where the default counts."""

    lot_step: LotStep
    steps: Sequence[str]
    lines: Sequence[PolicyLine]
    rule: RetestRule | None


def retest_view(lot: Lot, step_code: str, at: datetime) -> RetestView:
    """Of the step asked for, or the first. MissingError where nothing was tested there."""
    lot_steps = {
        one.step.code: one
        for one in LotStep.objects.filter(lot=lot, insertion_count__gt=0)
        .select_related("step")
        .order_by("step__sequence", "step__code")
    }
    chosen = lot_steps.get(step_code or next(iter(lot_steps), ""))
    if chosen is None:
        raise MissingError(f"Nothing was tested of lot {lot.code} at this step.")
    return RetestView(
        lot_step=chosen,
        steps=list(lot_steps),
        lines=_lines(chosen),
        rule=rule_in_force(lot.product_id, chosen.step.code, at),
    )


def _lines(lot_step: LotStep) -> list[PolicyLine]:
    found = policy_figures(lot_step)
    standing = found[RetestPolicy(lot_step.policy)]
    return [
        PolicyLine(
            policy=policy,
            words=POLICY_WORDS[policy],
            counts=counts,
            is_standing=policy == lot_step.policy,
            difference=counts.final_passed - standing.final_passed,
        )
        for policy, counts in found.items()
    ]


@dataclass(frozen=True, slots=True)
class RuleLine:
    """state: `draft`, `coming`, `in-force` or `superseded` (a newer one counts)."""

    rule: RetestRule
    words: str
    state: str


def rule_lines(at: datetime) -> list[RuleLine]:
    """Every rule, product by product and step by step, the newest first."""
    lines: list[RuleLine] = []
    in_force: set[tuple[int, str]] = set()
    for rule in listed_retest_rules()[:RULES_MAX]:
        state = _state(rule, at, (rule.product_id, rule.step_code) in in_force)
        if state == "in-force":
            in_force.add((rule.product_id, rule.step_code))
        lines.append(RuleLine(rule, POLICY_WORDS[RetestPolicy(rule.policy)], state))
    return lines


def _state(rule: RetestRule, at: datetime, has_newer: bool) -> str:
    if rule.approved_at is None:
        return "draft"
    if rule.valid_from > at:
        return "coming"
    return "superseded" if has_newer else "in-force"
