"""Who wants to hear, and what they were told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import QuerySet

from notices.domain.words import DeliveryState
from notices.models import Delivery, Notice, Subscription


def last_told(cause: str) -> Notice | None:
    """The newest notice about it."""
    return Notice.objects.filter(cause=cause).order_by("-id").first()


def told_keys(keys: Collection[str]) -> set[str]:
    """Those of these keys under which something was told."""
    return set(Notice.objects.filter(key__in=keys).values_list("key", flat=True))


def live_subscriptions() -> list[Subscription]:
    """Not paused, of people who are still here and of endpoints that are on."""
    rows = Subscription.objects.filter(is_paused=False, endpoint__disabled_at__isnull=True)
    rows = rows.exclude(person__is_active=False).order_by("id")
    return list(rows.select_related("person", "endpoint").prefetch_related("products", "suppliers"))


def may_hear(person: User, notice: Notice) -> bool:
    """Whether the person is still here, and may see what it is about or is told it by name."""
    if not person.is_active:
        return False
    return notice.recipient_id == person.pk or person.has_perm(notice.right)


def subscriptions_of(person: User) -> QuerySet[Subscription]:
    return Subscription.objects.filter(person=person).prefetch_related("products", "suppliers")


def subscription_by_id(pk: int) -> Subscription | None:
    return Subscription.objects.filter(pk=pk).first()


def told_to(person: User) -> QuerySet[Delivery]:
    """What was or will be told to the person, newest first."""
    rows = Delivery.objects.filter(subscription__person=person)
    return rows.select_related("notice").order_by("-recorded_at", "id")


def due_deliveries(now: datetime) -> QuerySet[Delivery]:
    """What is to be told by now, the longest due first."""
    rows = Delivery.objects.filter(
        state=DeliveryState.WAITING,
        due_at__lte=now,
        subscription__is_paused=False,
        subscription__endpoint__disabled_at__isnull=True,
    )
    return rows.order_by("due_at", "id")
