"""Things to tell, and who hears of them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission, User

from notices.domain.announcements import Announcement
from notices.domain.words import NoticeKind, Severity
from notices.models import Delivery, Subscription
from notices.services import announce, save_subscription, spread_notices

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_keys = count(1)


def news(**rest: Any) -> Announcement:
    number = next(_keys)
    said: dict[str, Any] = {
        "kind": NoticeKind.ISSUE_OPENED,
        "key": f"k{number}",
        "cause": f"cause {number}",
        "severity": Severity.MAJOR,
        "subject": "Q-000001 Yield is low",
        "address": "/issues/Q-000001",
        "right": "lots.view_lot",
        "occurred_at": NOW,
        "facts": {"issue": "Q-000001"},
    }
    return Announcement(**{**said, **rest})


def person(name: str = "ann", *, may: bool = True, **rest: Any) -> User:
    user = User.objects.create_user(name, **{"email": f"{name}@fab.example", **rest})
    if may:
        user.user_permissions.add(Permission.objects.get(codename="view_lot"))
    return user


def subscribed(user: User | None = None, **rest: Any) -> Subscription:
    products, suppliers = rest.pop("products", ()), rest.pop("suppliers", ())
    wish = Subscription(person=user, **rest)
    return save_subscription(subscription=wish, products=products, suppliers=suppliers)


def spread(*items: Announcement) -> list[tuple[str, str]]:
    """Whom these went to, and in which state."""
    announce(items)
    spread_notices(now=NOW)
    rows = Delivery.objects.filter(notice__key__in=[one.key for one in items])
    found = rows.order_by("notice_id", "subscription_id").select_related("subscription__person")
    return [(str(row.subscription.person or row.subscription.endpoint), row.state) for row in found]
