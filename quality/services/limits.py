"""Limit versions: prepared by one person from history, approved by another, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from lots.models import Product
from quality.domain.limit_sets import LimitAsked, Proposal
from quality.models import LimitLot, LimitVersion
from quality.selectors.figure_lots import HistoryLot
from quality.selectors.limit_history import history_lots, last_seq, proposal
from supplychain.base.errors import ForbiddenError, MissingError, RefusedError

PREPARE = "quality.add_limitversion"
APPROVE = "quality.approve_limitversion"


@transaction.atomic
def prepare_limit(
    *,
    asked: LimitAsked,
    left_out: Mapping[str, str],
    reason: str,
    valid_from: datetime | None,
    actor: User,
) -> LimitVersion:
    """The next version of a limit, computed now; nothing follows it until another person approves.

    Asked again in the same words on the same history, the draft that stands is the answer.
    left_out: lot code → why it does not count. ForbiddenError without the right; RefusedError
    without a reason, for a lot left out without one or not in the history, and where the history
    gives no limit.
    """
    _need(actor, PREPARE)
    why = _said(reason, "Say why this limit is wanted.")
    Product.objects.select_for_update(no_key=True).get(pk=asked.product_id)
    lots = history_lots(asked, left_out)
    _refuse_left_out(left_out, lots)
    found = proposal(asked, lots)
    if found is None:
        raise RefusedError(
            "These lots give no limit: too few of them, or no spread between values."
        )
    columns = {
        **_asked_columns(asked),
        **_found_columns(found),
        "reason": why,
        "prepared_by": actor,
        "valid_from": valid_from,
    }
    if standing := _same_draft(columns, lots):
        return standing
    version = LimitVersion.objects.create(
        **columns, number=_next_number(asked), as_of_seq=last_seq()
    )
    LimitLot.objects.bulk_create(
        LimitLot(
            version=version,
            lot_id=lot.lot_id,
            lot_step_id=lot.lot_step_id,
            started_at=lot.started_at,
            passed=lot.passed,
            tested=lot.tested,
            value=lot.value,
            left_out=lot.left_out,
        )
        for lot in lots
    )
    return version


def _same_draft(columns: dict[str, Any], lots: list[HistoryLot]) -> LimitVersion | None:
    """What a second click asks for again."""
    drafts = LimitVersion.objects.filter(approved_at=None, withdrawn_at=None, **columns)
    draft = drafts.order_by("-number").first()
    if draft is None:
        return None
    known = draft.lots.order_by("pk").values_list("lot", "passed", "tested", "value", "left_out")
    asked = [(lot.lot_id, lot.passed, lot.tested, lot.value, lot.left_out) for lot in lots]
    return draft if list(known) == asked else None


def _refuse_left_out(left_out: Mapping[str, str], lots: list[HistoryLot]) -> None:
    known = {lot.lot_code for lot in lots}
    for code, why in left_out.items():
        if code not in known:
            raise RefusedError(f"Lot {code} is not among the lots of this history.", lot=code)
        _said(why, f"Say why lot {code} is left out.")


def _asked_columns(asked: LimitAsked) -> dict[str, Any]:
    names = (
        "product_id", "step_code", "kind", "subject", "parameter_id", "lots_max", "units_min",
        "sigmas", "share_min", "count_min",
    )  # fmt: skip
    return {name: getattr(asked, name) for name in names}


def _found_columns(found: Proposal) -> dict[str, Any]:
    names = ("low", "middle", "high", "sigma", "method", "is_provisional")
    return {name: getattr(found, name) for name in names}


def _next_number(asked: LimitAsked) -> int:
    """Numbers of a limit have no gaps; the product is locked."""
    return (
        1
        + LimitVersion.objects.filter(
            product=asked.product_id,
            step_code=asked.step_code,
            kind=asked.kind,
            subject=asked.subject,
        ).count()
    )


@transaction.atomic
def approve_limit(*, version_id: int, actor: User, now: datetime) -> LimitVersion:
    """Lots first tested from valid_from on, or from now, are judged by it; others keep theirs.

    ForbiddenError without the right, and for who prepared it; RefusedError when it was approved or
    withdrawn before.
    """
    _need(actor, APPROVE)
    version = _locked(version_id)
    if version.withdrawn_at is not None or version.approved_at is not None:
        raise RefusedError("This version was approved or withdrawn before. Prepare a newer one.")
    if version.prepared_by_id == actor.pk:
        raise ForbiddenError("Nobody approves a limit they prepared. Ask a colleague.")
    version.approved_by, version.approved_at = actor, now
    version.valid_from = max(version.valid_from or now, now)
    version.save(update_fields=["approved_by", "approved_at", "valid_from"])
    return version


@transaction.atomic
def withdraw_limit(*, version_id: int, reason: str, actor: User, now: datetime) -> LimitVersion:
    """No lot is judged by it from now on; what was judged stands.

    A draft is taken back by who may prepare, what was approved by who may approve. RefusedError
    without a reason, and when it was withdrawn before.
    """
    version = _locked(version_id)
    _need(actor, PREPARE if version.approved_at is None else APPROVE)
    if version.withdrawn_at is not None:
        raise RefusedError("This version was withdrawn before.")
    version.withdrawn_reason = _said(reason, "Say why this version is withdrawn.")
    version.withdrawn_by, version.withdrawn_at = actor, now
    version.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    return version


def _said(words: str, otherwise: str) -> str:
    if not words.strip():
        raise RefusedError(otherwise)
    return words.strip()


def _locked(version_id: int) -> LimitVersion:
    rows = LimitVersion.objects.select_for_update(of=("self",), no_key=True)
    version = rows.select_related("product").filter(pk=version_id).first()
    if version is None:
        raise MissingError("There is no such limit version.")
    return version


def _need(actor: User, right: str) -> None:
    if not actor.has_perm(right):
        raise ForbiddenError(f"This needs the right {right}. Ask an administrator.", right=right)
