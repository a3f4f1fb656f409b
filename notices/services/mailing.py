"""One e-mail for one notice, or for all that gathered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from notices.domain.words import Severity
from notices.models import Delivery, Subscription
from supplychain.base.choices import label


def mail(subscription: Subscription, batch: Sequence[Delivery]) -> str:
    """Send it; what went wrong, empty for nothing."""
    person = subscription.person
    assert person is not None, "endpoints get webhooks"
    if not person.email:
        return f"{person} has no e-mail address. Set it on the user's page."
    if not settings.EMAIL_HOST:
        return "No mail server is set: SUPPLYCHAIN_EMAIL_HOST."
    message = EmailMessage(
        subject=_subject(batch),
        body=_body(batch),
        to=[person.email],
        headers={"Message-ID": f"<{batch[0].pk}@{settings.EMAIL_DOMAIN}>"},
    )
    try:
        message.send()
    except (SMTPException, OSError) as error:
        return f"The mail server: {error}"
    return ""


def _subject(batch: Sequence[Delivery]) -> str:
    if len(batch) == 1:
        notice = batch[0].notice
        return f"[{label(Severity(notice.severity))}] {notice.subject}"
    counts = Counter(row.notice.severity for row in batch)
    listed = ", ".join(
        f"{counts[severity]} {severity}" for severity in reversed(Severity) if counts[severity]
    )
    return f"{len(batch)} notices: {listed}"


def _body(batch: Sequence[Delivery]) -> str:
    by_weight = sorted(batch, key=lambda row: -Severity(row.notice.severity).rank)
    blocks = [_block(row) for row in by_weight]
    where = f"{settings.PUBLIC_URL}/notices"
    return "\n\n".join([*blocks, f"You asked for this. What you are told, and when: {where}"])


def _block(row: Delivery) -> str:
    notice = row.notice
    at = timezone.localtime(notice.occurred_at, row.subscription.hours.zone)
    return (
        f"{label(Severity(notice.severity))}: {notice.subject}\n"
        f"{at:%Y-%m-%d %H:%M %Z}\n"
        f"{settings.PUBLIC_URL}{notice.address}"
    )
