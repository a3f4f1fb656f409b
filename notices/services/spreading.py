"""Making notices out to whoever wants them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from notices.domain.timing import REPEAT_HOURS, due_at
from notices.domain.words import BY_NAME_ONLY, DeliveryState, NoticeKind, Severity
from notices.models import Delivery, Notice, Subscription
from notices.selectors import live_subscriptions, may_hear

NOTICES_AT_ONCE = 200
ONCE_A_DAY = frozenset({NoticeKind.ISSUE_OPENED, NoticeKind.ISSUE_REOPENED})
TOLD = (DeliveryState.WAITING, DeliveryState.SENT)


@transaction.atomic
def spread_notices(*, now: datetime, limit: int = NOTICES_AT_ONCE) -> int:
    """Make out the oldest notices that are not yet; how many. Others' are left to them."""
    rows = Notice.objects.select_for_update(skip_locked=True).filter(spread_at__isnull=True)
    notices = list(rows.order_by("id")[:limit])
    if notices:
        subscriptions = live_subscriptions()
        for notice in notices:
            _spread(notice, subscriptions, now)
    return len(notices)


def _spread(notice: Notice, subscriptions: Sequence[Subscription], now: datetime) -> None:
    wanted = [one for one in subscriptions if _wants(one, notice)]
    repeated = _told_lately(notice, now)
    Delivery.objects.bulk_create(
        [
            Delivery(
                notice=notice,
                subscription=one,
                state=DeliveryState.REPEATED if one.pk in repeated else DeliveryState.WAITING,
                due_at=due_at(now, one.hours, Severity(notice.severity)),
            )
            for one in wanted
        ],
        ignore_conflicts=True,
    )
    notice.spread_at = now
    notice.save(update_fields=["spread_at"])


def _wants(subscription: Subscription, notice: Notice) -> bool:
    is_named = notice.kind in subscription.kinds
    if not is_named and (subscription.kinds or notice.kind in BY_NAME_ONLY):
        return False
    if notice.recipient_id is not None:
        return subscription.person_id == notice.recipient_id
    if subscription.person is not None and not may_hear(subscription.person, notice):
        return False
    if notice.kind in BY_NAME_ONLY:
        return True
    if Severity(notice.severity).rank < Severity(subscription.severity_min).rank:
        return False
    products = {row.pk for row in subscription.products.all()}
    suppliers = {row.pk for row in subscription.suppliers.all()}
    return (not products or notice.product_id in products) and (
        not suppliers or notice.supplier_id in suppliers
    )


def _told_lately(notice: Notice, now: datetime) -> set[int]:
    """Subscriptions that heard of the cause within a day, and of nothing less severe."""
    if notice.kind not in ONCE_A_DAY:
        return set()
    earlier = Delivery.objects.filter(
        notice__cause=notice.cause,
        notice__kind__in=ONCE_A_DAY,
        state__in=TOLD,
        recorded_at__gt=now - timedelta(hours=REPEAT_HOURS),
    ).values_list("subscription_id", "notice__severity")
    rank = Severity(notice.severity).rank
    return {pk for pk, severity in earlier if Severity(severity).rank >= rank}
