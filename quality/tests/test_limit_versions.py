"""Limit versions: prepared, approved by another, followed by detectors, kept by the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError, IntegrityError, connection, transaction

from lots.models import Product
from quality.detectors.bins import BinAboveLimit
from quality.detectors.yields import YieldBelowLimit
from quality.domain.limit_sets import LimitAsked
from quality.domain.words import LimitKind
from quality.models import LimitVersion, YieldLimit
from quality.selectors.limit_history import history_lots, simulated
from quality.selectors.limit_versions import asked_by, limit_version, limits_of, siblings
from quality.services import (
    approve_limit,
    prepare_limit,
    raise_findings,
    resolve_issue,
    withdraw_limit,
)
from quality.tests.building import NOW, T0, Figures, bare_lot, ordinary_lots, person, rule
from quality.tests.test_detectors import low_lot
from supplychain.base.errors import ForbiddenError, MissingError, RefusedError

pytestmark = pytest.mark.usefixtures("rules")


ADD_LOT = """
INSERT INTO quality_limitlot (version_id, lot_step_id, passed, tested, left_out)
SELECT version_id, lot_step_id, 0, 1, '' FROM quality_limitlot LIMIT 1
"""


def engineer(name: str) -> User:
    user = User.objects.create_user(name)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["add_limitversion", "approve_limitversion"])
    )
    return user


def asked(kind: LimitKind = LimitKind.SYL, subject: str = "final-yield", **more: Any) -> LimitAsked:
    return LimitAsked(Product.objects.get(code="TRN3").pk, "FT-HOT", kind, subject, **more)


def prepared(what: LimitAsked | None = None, **more: Any) -> LimitVersion:
    given: dict[str, Any] = {"left_out": {}, "reason": "first year", "valid_from": None}
    author = User.objects.filter(username="ann").first() or engineer("ann")
    return prepare_limit(asked=what or asked(), actor=author, **{**given, **more})


def approved(version: LimitVersion, at: datetime = T0) -> LimitVersion:
    bob = User.objects.filter(username="bob").first() or engineer("bob")
    return approve_limit(version_id=version.pk, actor=bob, now=at)


def test_a_version_keeps_the_lots_and_the_event_it_was_computed_from() -> None:
    ordinary_lots()
    low_lot()
    version = limit_version(prepared(left_out={"LOW": "oven fault"}).pk)
    assert version.number == 1
    assert [lot.left_out for lot in version.lots.all()] == [""] * 8 + ["oven fault"]
    assert version.low == pytest.approx(0.875, abs=0.01)
    assert version.method == "prediction-3s-v1"
    assert [one.number for one in siblings(version)] == [1]


def test_versions_of_one_limit_are_numbered_on() -> None:
    ordinary_lots()
    prepared()
    assert prepared().number == 1, "a second click"
    assert prepared(reason="another year").number == 2
    assert prepared(left_out={"OK-01": "mixed up"}).number == 3
    assert prepared(asked(LimitKind.SBL, "5")).number == 1


def test_a_lot_with_a_recorded_cause_is_left_out_with_it() -> None:
    ordinary_lots()
    lot = low_lot()
    resolved(lot.pk)
    (last,) = [one for one in history_lots(asked(), {}) if one.lot_code == "LOW"]
    assert last.left_out.endswith(": oven fault")


def resolved(lot_id: int) -> None:
    found = YieldBelowLimit().judge([lot_id], {}, NOW)
    (issue,) = raise_findings(rule=rule(), findings=found, now=NOW)
    resolve_issue(issue=issue, actor=person(), cause="oven fault", note="mended")


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": " "},
        {"left_out": {"OK-01": ""}},
        {"left_out": {"NONE": "why not"}},
        {"what": "too few"},
    ],
)
def test_what_cannot_be_prepared_is_refused(wrong: dict[str, Any]) -> None:
    ordinary_lots()
    if wrong.pop("what", ""):
        wrong["what"] = asked(units_min=1000)
    with pytest.raises(RefusedError):
        prepared(**wrong)


def test_nobody_approves_their_own_version() -> None:
    ordinary_lots()
    version = prepared()
    with pytest.raises(ForbiddenError, match="Ask a colleague"):
        approve_limit(version_id=version.pk, actor=version.prepared_by, now=NOW)
    own = {"approved_by": version.prepared_by, "approved_at": NOW, "valid_from": NOW}
    with pytest.raises(IntegrityError, match="quality_limitversion_two_people"):
        LimitVersion.objects.filter(pk=version.pk).update(**own)


def test_rights_are_asked_for() -> None:
    ordinary_lots()
    version, nobody = prepared(), User.objects.create_user("nobody")
    with pytest.raises(ForbiddenError):
        prepare_limit(asked=asked(), left_out={}, reason="x", valid_from=None, actor=nobody)
    with pytest.raises(ForbiddenError):
        approve_limit(version_id=version.pk, actor=nobody, now=NOW)
    with pytest.raises(ForbiddenError):
        withdraw_limit(version_id=version.pk, reason="x", actor=nobody, now=NOW)


def test_a_version_is_approved_once_and_never_reaches_back() -> None:
    ordinary_lots()
    version = approved(prepared(valid_from=T0 - timedelta(days=9)))
    assert version.valid_from == T0
    with pytest.raises(RefusedError):
        approved(version)
    with pytest.raises(MissingError):
        approve_limit(version_id=0, actor=version.prepared_by, now=NOW)


def test_a_withdrawn_version_counts_no_more() -> None:
    ordinary_lots()
    version = approved(prepared())
    late = T0 + timedelta(days=20)
    with pytest.raises(RefusedError, match="Say why"):
        withdraw_limit(version_id=version.pk, reason="", actor=version.approved_by, now=late)  # type: ignore[arg-type]
    withdraw_limit(version_id=version.pk, reason="new card", actor=version.prepared_by, now=late)
    (found,) = YieldBelowLimit().judge([low_lot().pk], {}, NOW)
    told = found.evidence.facts["final-yield"]
    assert isinstance(told, dict)
    assert "limit_version" not in told
    with pytest.raises(RefusedError):
        withdraw_limit(version_id=version.pk, reason="x", actor=version.prepared_by, now=late)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quality_limitversion SET low = 0.1",
        "UPDATE quality_limitversion SET valid_from = valid_from + interval '1 day'",
        "UPDATE quality_limitversion SET approved_by_id = NULL, approved_at = NULL",
        "DELETE FROM quality_limitversion",
        "UPDATE quality_limitlot SET left_out = 'bad'",
        "DELETE FROM quality_limitlot",
        ADD_LOT,
    ],
)
def test_the_database_keeps_an_approved_version_as_it_is(statement: str) -> None:
    ordinary_lots()
    approved(prepared())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_lot_under_its_approved_limit_names_the_version() -> None:
    ordinary_lots()
    version = approved(prepared())
    (found,) = YieldBelowLimit().judge([low_lot().pk], {}, NOW)
    assert found.evidence.limit == version.low
    assert found.evidence.method == "prediction-3s-v1"
    assert found.evidence.facts["final-yield"]["limit_version"] == str(version)  # type: ignore[index, call-overload]
    assert str(version) == "SYL final-yield of TRN3 at FT-HOT, v1"


def test_an_approved_limit_stands_in_the_place_of_the_predicted_one() -> None:
    ordinary_lots()
    for subject in ("final-yield", "first-yield"):
        approved(prepared(asked(subject=subject, sigmas=60)))
    assert YieldBelowLimit().judge([low_lot().pk], {}, NOW) == []


def test_lots_before_the_approval_are_judged_as_ever() -> None:
    ordinary_lots()
    approved(prepared(asked(sigmas=60)), T0 + timedelta(days=40))
    assert len(YieldBelowLimit().judge([low_lot().pk], {}, NOW)) == 1


def test_an_approved_spec_stands_in_the_place_of_the_fixed_limit() -> None:
    YieldLimit.objects.create(
        product=Product.objects.get(code="TRN3"), step_code="FT-HOT", ratio_min=0.8
    )
    version = approved(prepared(asked(LimitKind.SPEC, ratio_min=0.7)))
    assert YieldBelowLimit().judge([low_lot().pk], {}, NOW) == []
    (found,) = YieldBelowLimit().judge([low_lot("LOWER", passed=130).pk], {}, NOW)
    assert found.evidence.limit == 0.7
    assert found.evidence.facts["final-yield"]["limit_version"] == str(version)  # type: ignore[index, call-overload]


def test_a_bin_over_its_approved_limit_names_the_version() -> None:
    ordinary_lots()
    version = approved(prepared(asked(LimitKind.SBL, "5")))
    (found,) = BinAboveLimit().judge([low_lot().pk], {}, NOW)
    assert found.cause_key == "bin-above-limit:LOW:FT-HOT:5"
    assert found.evidence.limit == version.high
    assert found.evidence.facts["limit_version"] == str(version)
    assert found.evidence.facts["units_in_bin"] == 45


def test_a_bin_within_its_approved_limit_is_not_found_though_predicted_so() -> None:
    ordinary_lots()
    approved(prepared(asked(LimitKind.SBL, "5", sigmas=60)))
    assert BinAboveLimit().judge([low_lot().pk], {}, NOW) == []


def test_history_says_which_lots_would_have_been_held() -> None:
    ordinary_lots()
    low_lot()
    version = prepared(left_out={"LOW": "oven fault"})
    held = [one for one in simulated(asked_by(version), limits_of(version)) if one.is_held]
    assert [one.lot.lot_code for one in held] == ["LOW"]


def test_first_pass_has_limits_of_its_own() -> None:
    lots = ordinary_lots()
    Figures(passed=190, first_passed=100, days=9).of(bare_lot("FIRST"))
    found = history_lots(asked(subject="first-yield"), {})
    assert found[-1].passed == 100
    assert len(found) == len(lots) + 1
