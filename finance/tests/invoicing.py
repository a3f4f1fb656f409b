"""People and orders that tests of invoices share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import Permission, User

from finance.domain.invoices import InvoiceOrder, LineOrder
from finance.domain.words import InvoiceKind

DAY = date(2026, 3, 2)
LINE = LineOrder("W1", 2, Decimal(20000))
ORDER = InvoiceOrder(
    "TSMC", "4711", InvoiceKind.INVOICE, DAY, "USD", "order 12, mail of March", (LINE,)
)


def person(name: str) -> User:
    user = User.objects.create_user(name)
    rights = Permission.objects.filter(codename__in=["add_invoice", "approve_invoice"])
    user.user_permissions.set(rights)
    return user
