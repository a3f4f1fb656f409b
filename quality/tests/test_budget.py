"""The false-discovery budget in rows: which issues count, whatever the order things came in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from lots.models import Hold, Lot
from notices.models import Notice
from quality.detectors import frame, running
from quality.detectors.frame import register_lot_detector
from quality.detectors.running import review_changed_lots
from quality.detectors.yields import YieldBelowLimit
from quality.domain.discovery import Weighed, findings_of, week_of
from quality.domain.findings import Finding
from quality.models import Flag, Issue, Rule, WeighedWeek, Weighing
from quality.selectors.budget import budget_ratio, budget_rule, spent_weeks
from quality.services import merge_issue, queue_reviews, raise_findings, resolve_issue
from quality.services.budget import weigh_up
from quality.services.reference import load_reference
from quality.tests.building import NOW, T0, Figures, bare_lot, finding, ordinary_lots, person, rule
from supplychain.base.errors import MalformedError
from testing.models import LotStep

pytestmark = pytest.mark.usefixtures("rules")

LATER = NOW + timedelta(hours=1)
MONDAY = week_of(T0)


class Scales:
    """Weighs each lot at what it is told. chances: lot code → p-value of a flag, None for none."""

    code = "yield-below-limit"
    description = "Weighs as it is told."

    def __init__(self, chances: Mapping[str, float | None]) -> None:
        self.chances = dict(chances)
        self.revision = "1"

    def judge(self, lot_ids: Sequence[int], parameters: Any, now: datetime) -> list[Finding]:
        return findings_of(self.weigh(lot_ids, parameters, now))

    def weigh(self, lot_ids: Sequence[int], parameters: Any, now: datetime) -> list[Weighed]:
        rows = LotStep.objects.filter(lot__in=lot_ids, lot__code__in=self.chances)
        return [self._weighed(row) for row in rows.select_related("lot")]

    def _weighed(self, row: LotStep) -> Weighed:
        assert row.first_started_at is not None
        p_value = self.chances[row.lot.code]
        key = f"low:{row.lot.code}"
        flagged = finding(key, lot_id=row.lot_id, is_weighed=True, revision=self.revision)
        found = () if p_value is None else (flagged,)
        return Weighed(row.pk, row.first_started_at, p_value, found)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No detectors but those that the test registers."""
    monkeypatch.setattr(frame, "_registry", frame.Registry(whole={}, by_lot={}))
    yield


@pytest.fixture
def scales(alone: None) -> Callable[..., Scales]:
    """Twenty lots of one week, of which some are flagged; each review is of the lots named."""

    def of(**chances: float) -> Scales:
        codes = [f"L{number:02d}" for number in range(20)]
        for code in codes:
            Figures(passed=190).of(bare_lot(code))
        found = Scales({**dict.fromkeys(codes, None), **chances})
        register_lot_detector(found)
        return found

    return of


def review(*codes: str, now: datetime = LATER) -> None:
    lots = Lot.objects.filter(code__in=codes) if codes else Lot.objects.all()
    queue_reviews(lot_ids=[lot.pk for lot in lots], now=NOW)
    review_changed_lots(now=now)


def q_of(code: str) -> float | None:
    issue = Issue.objects.select_related("weighing").get(cause_key=f"low:{code}")
    return issue.weighing.q_value if issue.weighing else None


def counting() -> set[str]:
    return set(Issue.objects.filter(is_escalated=True).values_list("lot__code", flat=True))


def test_flags_of_one_week_are_set_against_all_its_tests(scales: Callable[..., Scales]) -> None:
    scales(L03=0.0005, L04=0.004, L05=0.02)
    review()
    assert [q_of(code) for code in ("L03", "L04", "L05")] == pytest.approx([0.01, 0.04, 0.4 / 3])
    assert counting() == {"L03", "L04"}
    week = WeighedWeek.objects.get()
    assert (week.starts_on, week.test_count, week.flag_count, week.sure_count) == (MONDAY, 20, 3, 2)
    assert (week.spent_ratio, week.p_value) == pytest.approx((0.04, 0.01))


def told(code: str) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(cause=f"low:{code}").order_by("pk")
    return list(rows.values_list("kind", "severity"))


def test_what_is_not_sure_is_told_as_information_and_holds_nothing(
    scales: Callable[..., Scales],
) -> None:
    rule(holds_lot=True)
    scales(L03=0.0005, L05=0.02)
    review()
    assert set(Hold.objects.values_list("lot__code", flat=True)) == {"L03"}
    assert told("L03") == [("issue.opened", "major")]
    assert told("L05") == [("issue.opened", "information")]
    assert Issue.objects.get(cause_key="low:L05").events.count() == 1


def test_what_is_not_sure_is_told_though_a_worker_died_before_it_weighed(
    scales: Callable[..., Scales], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(**given: Any) -> None:
        raise KeyboardInterrupt

    scales(L05=0.02)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(running, "weigh_up", killed)
        review()
    assert told("L05") == []
    for hours in (1, 2):
        review(now=LATER + timedelta(hours=hours))
    assert told("L05") == [("issue.opened", "information")]


def test_a_flag_that_becomes_sure_is_told_and_held_for_then(scales: Callable[..., Scales]) -> None:
    rule(holds_lot=True)
    found = scales(L05=0.004)
    review()
    assert counting() == set()
    found.chances["L06"] = 0.0005
    review("L06", now=LATER + timedelta(hours=1))
    assert counting() == {"L05", "L06"}
    kinds = Issue.objects.get(cause_key="low:L05").events.values_list("kind", flat=True)
    assert list(kinds) == ["opened", "escalated", "held"]
    assert told("L05") == [("issue.opened", "information"), ("issue.opened", "major")]


def test_more_tests_take_an_issue_back_to_information(scales: Callable[..., Scales]) -> None:
    scales(L03=0.004)
    review("L03")
    assert counting() == {"L03"}
    review()
    assert counting() == set()
    assert q_of("L03") == pytest.approx(0.08)


def test_told_once_however_often_it_comes_and_goes(scales: Callable[..., Scales]) -> None:
    found = scales(L03=0.004)
    review("L03")
    review(now=LATER + timedelta(minutes=30))
    found.chances["L06"] = 0.0005
    review("L06", now=LATER + timedelta(hours=1))
    assert counting() == {"L03", "L06"}
    assert told("L03") == [("issue.opened", "major")]


def test_what_is_no_longer_flagged_leaves_the_week(scales: Callable[..., Scales]) -> None:
    found = scales(L03=0.0005, L04=0.004)
    review()
    found.chances["L03"] = None
    review("L03")
    assert q_of("L04") == pytest.approx(0.08)
    assert set(Flag.objects.values_list("cause_key", flat=True)) == {"low:L04"}
    del found.chances["L04"]
    review("L04")
    assert WeighedWeek.objects.get().test_count == 19
    assert not Flag.objects.exists()


def test_week_without_tests_is_taken_out(scales: Callable[..., Scales]) -> None:
    found = scales(L03=0.0005)
    review("L03")
    found.chances.clear()
    review("L03")
    assert not WeighedWeek.objects.exists()
    assert not Weighing.objects.exists()


def test_a_monday_is_set_against_the_week_before(scales: Callable[..., Scales]) -> None:
    found = scales()
    Figures(passed=150, days=1).of(bare_lot("NEXT"))
    found.chances["NEXT"] = 0.004
    review("NEXT")
    assert counting() == {"NEXT"}
    review(*(f"L{number:02d}" for number in range(20)))
    assert q_of("NEXT") == pytest.approx(0.08)
    assert counting() == set()


def test_facts_stand_beside_the_budget(scales: Callable[..., Scales]) -> None:
    scales(L05=0.02)
    review()
    lot = Lot.objects.get(code="L05")
    fact = finding("low:L05", lot_id=lot.pk, revision="below the fixed limit")
    raise_findings(rule=rule(), findings=[fact], now=LATER)
    issue = Issue.objects.get(cause_key="low:L05")
    assert (issue.is_escalated, issue.weighing) == (True, None)
    assert told("L05") == [("issue.opened", "information"), ("issue.opened", "major")]


def test_an_issue_counts_with_what_was_merged_into_it(scales: Callable[..., Scales]) -> None:
    scales(L03=0.0005, L05=0.02)
    review()
    into = Issue.objects.get(cause_key="low:L05")
    merge_issue(
        issue=Issue.objects.get(cause_key="low:L03"), into=into, actor=person(), reason="one"
    )
    review()
    into.refresh_from_db()
    assert into.is_escalated


@pytest.mark.parametrize("gone", ["L05", "L06"])
def test_a_flag_that_is_gone_makes_what_it_was_merged_with_no_surer(
    scales: Callable[..., Scales], gone: str
) -> None:
    found = scales(L05=0.02, L06=0.03)
    review()
    own, into = (Issue.objects.get(cause_key=f"low:{code}") for code in ("L06", "L05"))
    merge_issue(issue=own, into=into, actor=person(), reason="one")
    found.chances[gone] = None
    review(now=LATER + timedelta(hours=1))
    assert Issue.objects.filter(is_found=True).count() == 1
    assert counting() == set()


def test_an_issue_after_a_closed_one_is_as_sure_as_what_was_merged_into_that(
    scales: Callable[..., Scales],
) -> None:
    found = scales(L05=0.02, L06=0.03)
    review()
    own, into = (Issue.objects.get(cause_key=f"low:{code}") for code in ("L06", "L05"))
    merge_issue(issue=own, into=into, actor=person(), reason="one")
    resolve_issue(issue=into, actor=person("ann"), note="socket cleaned", cause="socket")
    found.revision = "2"
    review("L06", now=LATER + timedelta(hours=1))
    assert counting() == set()
    found.chances["L06"] = 0.0001
    review("L06", now=LATER + timedelta(hours=2))
    assert list(Issue.objects.filter(is_escalated=True).values_list("previous", flat=True)) == [
        into.pk
    ]


def test_found_again_after_it_was_gone_waits_for_its_q(scales: Callable[..., Scales]) -> None:
    found = scales(L05=0.02)
    review()
    found.chances["L05"] = None
    review("L05")
    assert Issue.objects.get().cleared_at is not None
    found.chances["L05"] = 0.0005
    review("L05", now=LATER + timedelta(hours=2))
    issue = Issue.objects.get()
    assert (issue.state, issue.is_escalated) == ("open", True)
    assert told("L05") == [("issue.opened", "information"), ("issue.reopened", "major")]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_order_of_lots_gives_the_same_in_the_end(
    scales: Callable[..., Scales], seed: int
) -> None:
    chances = {"L03": 0.0005, "L04": 0.004, "L05": 0.02, "L09": 0.006, "L11": 0.0001}
    scales(**chances)
    random, codes = Random(seed), [f"L{number:02d}" for number in range(20)]  # noqa: S311
    random.shuffle(codes)
    while codes:
        size = random.randint(1, 6)
        review(*codes[:size])
        codes = codes[size:]
    # 0.0001 · 20, 0.0005 · 20 / 2, 0.004 · 20 / 3, 0.006 · 20 / 4, 0.02 · 20 / 5
    wanted = {"L11": 0.002, "L03": 0.005, "L04": 0.08 / 3, "L09": 0.03, "L05": 0.08}
    assert {code: q_of(code) for code in wanted} == pytest.approx(wanted)
    assert counting() == {"L11", "L03", "L04", "L09"}


@pytest.mark.parametrize("seed", [1, 2])
def test_real_lots_that_arrive_in_any_order_have_the_same_q(seed: int, alone: None) -> None:
    register_lot_detector(YieldBelowLimit())
    lots = ordinary_lots(10)
    for number, passed in enumerate((172, 110)):
        lots.append(bare_lot(f"LOW-{number}"))
        Figures(passed=passed, days=20 + number).of(lots[-1])
    Random(seed).shuffle(lots)  # noqa: S311
    for lot in lots:
        review(lot.code)
    found = dict(Issue.objects.values_list("lot__code", "weighing__q_value"))
    assert set(found) == {"LOW-0", "LOW-1"}
    first, second = (Weighing.objects.get(lot_step__lot__code=code) for code in sorted(found))
    assert first.p_value is not None
    assert second.p_value is not None
    # two tests in the week of both, none in the one before
    assert second.p_value < first.p_value
    assert found == pytest.approx({"LOW-0": first.p_value * 2 / 2, "LOW-1": second.p_value * 2})


def test_an_issue_is_as_sure_as_the_flags_that_are_left(rules: None) -> None:
    """One cause flagged on lots of two weeks; then the surer lot is corrected."""
    lots = [bare_lot("SURE"), bare_lot("UNSURE")]
    steps = [Figures(passed=190, days=28 * number).of(lot) for number, lot in enumerate(lots)]
    seen = [finding("site", lot_id=one.pk, revision=one.code, is_weighed=True) for one in lots]
    raise_findings(rule=rule(), findings=seen, now=LATER)

    def weigh(*chances: float | None) -> bool:
        weighed = [
            Weighed(step.pk, step.changed_at, chance, (one,) if chance else ())
            for step, chance, one in zip(steps, chances, seen, strict=False)
        ]
        judged = [lot.pk for lot in lots[: len(chances)]]
        code = rule().detector
        weigh_up(judged={code: judged}, weighed={code: weighed}, now=LATER)
        return Issue.objects.get().is_escalated

    assert weigh(1e-6, 0.5)
    assert not weigh(None)


def test_queries_do_not_grow_with_lots(
    scales: Callable[..., Scales], django_assert_max_num_queries: Any
) -> None:
    found = scales(**{f"L{number:02d}": 0.03 for number in range(20)})
    review()
    lot_ids = [lot.pk for lot in Lot.objects.all()]
    weighed = {found.code: found.weigh(lot_ids, {}, NOW)}
    with django_assert_max_num_queries(21):
        weigh_up(judged={found.code: lot_ids}, weighed=weighed, now=LATER)


def test_the_budget_is_a_rule_that_people_change() -> None:
    assert budget_ratio(budget_rule()) == 0.05
    Rule.objects.filter(detector="false-discovery").update(parameters={"q": 0.1})
    assert budget_ratio(budget_rule()) == 0.1
    Rule.objects.filter(detector="false-discovery").update(parameters={"q": 0})
    with pytest.raises(MalformedError):
        budget_ratio(budget_rule())
    Rule.objects.filter(detector="false-discovery").update(is_enabled=False)
    assert budget_ratio(budget_rule()) == 1.0
    Rule.objects.filter(detector="false-discovery").delete()
    assert budget_ratio(budget_rule()) == 0.05


def test_a_broken_budget_is_an_issue_and_loses_none(scales: Callable[..., Scales]) -> None:
    load_reference()
    Rule.objects.filter(detector="false-discovery").update(parameters={"q": -1})
    scales(L03=0.0005)
    review()
    assert set(Issue.objects.values_list("cause_key", flat=True)) == {
        "low:L03", "detector-failed:false-discovery",
    }  # fmt: skip
    Rule.objects.filter(detector="false-discovery").update(parameters={"q": 0.05})
    review(now=LATER + timedelta(days=1))
    assert counting() >= {"L03"}
    assert Issue.objects.get(cause_key__startswith="detector-failed").state == "resolved"


def test_weeks_are_believed_one_after_the_other() -> None:
    for number, p_value in enumerate((1.0, 0.0001, 0.5)):
        WeighedWeek.objects.create(
            starts_on=date(2026, 3, 2 + 7 * number), test_count=10, family_count=10,
            flag_count=0, sure_count=0, budget_ratio=0.05, p_value=p_value,
        )  # fmt: skip
    assert [one.is_believed for one in spent_weeks(0.05)] == [False, True, False]
    assert str(spent_weeks(0.05)[0].week) == "week of 2026-03-16"
