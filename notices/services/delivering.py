"""Telling: e-mail to people, webhooks to receivers; again later when it fails.

A delivery is locked while it is sent. Whoever dies then leaves it waiting, and it is sent again
under the same message id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from notices.domain.timing import next_attempt
from notices.domain.words import DeliveryState
from notices.models import Delivery
from notices.selectors import due_deliveries, may_hear
from notices.services.mailing import mail
from notices.services.posting import GoneError, post
from supplychain.base.errors import RefusedError

IN_ONE_MAIL = 100
ERROR_CHARACTERS_MAX = 300
NO_LONGER = "Who was to be told has left, or may not see it any more."
DELIVERY_FIELDS = ["state", "sent_at", "due_at", "attempts", "last_error"]


def deliver_due(*, now: datetime, limit: int = 100) -> int:
    """Send what is due, one message after another; how many messages were tried."""
    tried = 0
    while tried < limit and _deliver_next(now):
        tried += 1
    return tried


def send_again(*, delivery: Delivery, now: datetime) -> None:
    """Try a failed one from the start. RefusedError for any other."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if row.state != DeliveryState.FAILED:
            raise RefusedError(f"It is {row.state}; only what failed is sent again.")
        row.state, row.attempts, row.due_at = DeliveryState.WAITING, 0, now
        row.save(update_fields=DELIVERY_FIELDS)


@transaction.atomic
def _deliver_next(now: datetime) -> bool:
    rows = due_deliveries(now).select_for_update(skip_locked=True, of=("self",))
    rows = rows.select_related("notice", "subscription__person", "subscription__endpoint")
    first = rows.first()
    if first is None:
        return False
    endpoint = first.subscription.endpoint
    if endpoint is None:
        batch = list(rows.filter(subscription=first.subscription_id)[:IN_ONE_MAIL])
        if told := _still_told(batch):
            _settle(told, mail(first.subscription, told), now)
        return True
    try:
        error = post(endpoint, first)
    except GoneError:
        error = "The receiver says that it is gone; it was switched off."
        endpoint.disabled_at = timezone.now()
        endpoint.save(update_fields=["disabled_at"])
    _settle([first], error, now)
    return True


def _still_told(batch: Sequence[Delivery]) -> list[Delivery]:
    """Of what one person was to be told, what they still may know; the rest is told no more."""
    person = batch[0].subscription.person
    assert person is not None, "endpoints get webhooks"
    told = [row for row in batch if may_hear(person, row.notice)]
    cancelled = [row for row in batch if row not in told]
    for row in cancelled:
        row.state, row.last_error = DeliveryState.CANCELLED, NO_LONGER
    Delivery.objects.bulk_update(cancelled, DELIVERY_FIELDS)
    return told


def _settle(batch: Sequence[Delivery], error: str, now: datetime) -> None:
    for row in batch:
        row.attempts += 1
        row.last_error = error[:ERROR_CHARACTERS_MAX]
        again = next_attempt(now, row.attempts)
        if not error:
            row.state, row.sent_at = DeliveryState.SENT, now
        elif again is None:
            row.state = DeliveryState.FAILED
        else:
            row.due_at = again
    Delivery.objects.bulk_update(batch, DELIVERY_FIELDS)
