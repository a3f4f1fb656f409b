"""Receivers of webhooks: made, tried out, given a new secret, switched off and on."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from notices.domain.addresses import target_of
from notices.domain.signing import secret_of
from notices.domain.words import NoticeKind, Severity
from notices.models import Delivery, Endpoint, Notice
from supplychain.base.errors import RefusedError

KEY_BYTES = 32


@transaction.atomic
def make_endpoint(*, endpoint: Endpoint, actor: User) -> str:
    """Save a new one; its secret. MalformedError for an address that may not be posted to."""
    target_of(endpoint.url, settings.WEBHOOK_PRIVATE_HOSTS)
    endpoint.created_by = actor
    endpoint.secret = secret_of(secrets.token_bytes(KEY_BYTES))
    endpoint.save()
    return endpoint.secret


@transaction.atomic
def rotate_secret(*, endpoint: Endpoint) -> str:
    """A new secret, from the next message on."""
    row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    row.secret = secret_of(secrets.token_bytes(KEY_BYTES))
    row.save(update_fields=["secret"])
    return row.secret


@transaction.atomic
def switch_endpoint(*, endpoint: Endpoint, is_on: bool) -> None:
    """What waits for one that is off goes out when it is on again."""
    Endpoint.objects.filter(pk=endpoint.pk).update(disabled_at=None if is_on else timezone.now())


@transaction.atomic
def try_endpoint(*, endpoint: Endpoint, actor: User, now: datetime) -> None:
    """Send it a message that says it is a test. RefusedError when off, or without subscription."""
    subscription = endpoint.subscriptions.order_by("id").first()
    if subscription is None or endpoint.disabled_at is not None:
        raise RefusedError(f"{endpoint} is off, or subscribes to nothing. Change that first.")
    notice = Notice.objects.create(
        kind=NoticeKind.TEST,
        key=f"test:{endpoint.pk}:{now.isoformat()}",
        cause="test",
        severity=Severity.INFORMATION,
        subject=f"A test, sent by {actor}",
        address=f"/admin/notices/endpoint/{endpoint.pk}/change/",
        right="notices.view_endpoint",
        occurred_at=now,
        spread_at=now,
    )
    Delivery.objects.create(notice=notice, subscription=subscription, due_at=now)
