"""Codes of reports to rows; what has not come yet is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from intake.domain.errors import WaitingError
from intake.services.registry import FeedContext, FeedItem
from lots.domain.commands import Command
from lots.domain.errors import WrongStepError
from lots.domain.moments import is_ahead
from lots.domain.words import LotState, Source
from lots.models import Lot, Product, Step, Supplier
from supplychain.base.errors import MalformedError, MissingError


def lot_by_code(code: str) -> Lot:
    """WaitingError while there is no such lot."""
    lots = Lot.objects.select_related("product", "route_version", "step", "custodian")
    lot = lots.filter(code=code).exclude(state=LotState.WITHDRAWN).first()
    if lot is None:
        raise WaitingError(f"There is no lot {code} yet.", lot=code)
    return lot


def step_of(lot: Lot, code: str) -> Step:
    """WrongStepError when the lot's route has no such step."""
    step = Step.objects.filter(route_version=lot.route_version_id, code=code).first()
    if step is None:
        raise WrongStepError(
            f"Step {code} is not on {lot.route_version}, the route of lot {lot.code}.",
            lot=lot.code,
            step_to=code,
        )
    return step


def supplier_of(code: str) -> Supplier:
    """MissingError when there is none."""
    supplier = Supplier.objects.filter(code=code).first()
    if supplier is None:
        raise MissingError(f"There is no supplier {code}. Check the code or add it.", supplier=code)
    return supplier


def product_of(code: str) -> Product:
    """MissingError when there is none."""
    product = Product.objects.filter(code=code).first()
    if product is None:
        raise MissingError(f"There is no product {code}. Check the code or add it.", product=code)
    return product


def command_of(item: FeedItem, context: FeedContext, words: Mapping[str, Any]) -> Command:
    """Who says it, when it happened, and the key that recognises a repeat.

    WaitingError for what is said to happen another day: it waits for that day.
    """
    if item.occurred_at is None:
        raise MalformedError("occurred_at is missing.", field="occurred_at")
    if is_ahead(item.occurred_at, timezone.now(), settings.AHEAD_MAX):
        raise WaitingError(
            f"It is said to happen at {item.occurred_at:%Y-%m-%d %H:%M %Z}, which lies ahead; it "
            "waits until then. Repair the row if the date is wrong.",
            field="occurred_at",
        )
    return Command(
        op_key=item.op_key,
        occurred_at=item.occurred_at,
        source=Source.FEED,
        source_reference=context.source_reference,
        reason=str(words.get("reason", "")),
        comment=str(words.get("comment", "")),
    )
