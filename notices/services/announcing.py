"""Putting down what is to be told, in the transaction of what happened."""

from __future__ import annotations

from collections.abc import Sequence

from notices.domain.announcements import SUBJECT_CHARACTERS_MAX, Announcement
from notices.models import Notice


def announce(news: Sequence[Announcement]) -> None:
    """Keep them to be told; one whose key is known is passed over.

    Call it inside the transaction that makes them true: what is rolled back is not told.
    """
    Notice.objects.bulk_create([_row(one) for one in news], ignore_conflicts=True)


def _row(news: Announcement) -> Notice:
    return Notice(
        kind=news.kind,
        key=news.key,
        cause=news.cause,
        severity=news.severity,
        subject=news.subject[:SUBJECT_CHARACTERS_MAX],
        address=news.address,
        right=news.right,
        occurred_at=news.occurred_at,
        product_id=news.product_id,
        supplier_id=news.supplier_id,
        recipient_id=news.recipient_id,
        facts=dict(news.facts),
    )
