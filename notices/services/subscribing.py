"""What people and receivers subscribe to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from lots.models import Product, Supplier
from notices.domain.words import DeliveryState
from notices.models import Delivery, Subscription


@transaction.atomic
def save_subscription(
    *, subscription: Subscription, products: Iterable[Product], suppliers: Iterable[Supplier]
) -> Subscription:
    """Write it with what narrows it; none narrows nothing."""
    subscription.save()
    subscription.products.set(products)
    subscription.suppliers.set(suppliers)
    return subscription


@transaction.atomic
def pause(*, subscription: Subscription) -> None:
    """Tell nothing more; what waits is not told any more either."""
    row = Subscription.objects.select_for_update().get(pk=subscription.pk)
    row.is_paused = True
    row.save(update_fields=["is_paused"])
    waiting = Delivery.objects.filter(subscription=row, state=DeliveryState.WAITING)
    waiting.update(state=DeliveryState.CANCELLED)


@transaction.atomic
def resume(*, subscription: Subscription) -> None:
    """Tell again, from now on."""
    Subscription.objects.filter(pk=subscription.pk).update(is_paused=False)


@transaction.atomic
def unsubscribe(*, subscription: Subscription) -> None:
    """Forget it, and the log of what it was told."""
    Subscription.objects.filter(pk=subscription.pk).delete()
