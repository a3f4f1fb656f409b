from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import action, display
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from notices.domain.addresses import target_of
from notices.forms import SubscriptionForm
from notices.models import Delivery, Endpoint, Subscription
from notices.services import (
    make_endpoint,
    rotate_secret,
    send_again,
    switch_endpoint,
    try_endpoint,
)
from supplychain.base.admin import Deed, HistoryAdmin, TableAdmin, actor, confirmed
from supplychain.base.errors import SupplychainError

KEEP_IT = "Keep it where the receiver reads it: it is not shown again."


class SubscriptionInline(StackedInline):
    model = Subscription
    form = SubscriptionForm
    extra = 0
    min_num = 1
    fields = (
        "severity_min", "kinds", "products", "suppliers", "digest_at", "quiet_from", "quiet_to",
        "zone", "wakes_for_critical", "is_paused",
    )  # fmt: skip


@admin.register(Endpoint)
class EndpointAdmin(TableAdmin):
    """Receivers of webhooks. A secret is shown once, when it is made."""

    list_display = ("name", "url", "is_on", "created_by", "recorded_at")
    list_select_related = ("created_by",)
    fields = ("name", "url", "disabled_at", "created_by")
    readonly_fields = ("disabled_at", "created_by")
    search_fields = ("name__startswith",)
    inlines = (SubscriptionInline,)
    actions = ("test", "rotate", "switch_on", "switch_off")

    @display(description="On", boolean=True)
    def is_on(self, endpoint: Any) -> bool:
        return endpoint.disabled_at is None

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        form.clean_url = _clean_url
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        secret = make_endpoint(endpoint=obj, actor=actor(request))
        messages.success(request, f"The secret of {obj} is {secret}. {KEEP_IT}")

    @action(description="Send a test message", permissions=["change"])
    def test(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        for endpoint in rows:
            try:
                try_endpoint(endpoint=endpoint, actor=actor(request), now=timezone.now())
            except SupplychainError as error:
                messages.error(request, error.detail)
            else:
                messages.success(request, f"A test is on its way to {endpoint}: see Deliveries.")

    @action(description="New secret", permissions=["change"])
    def rotate(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        def run(endpoint: Endpoint) -> None:
            secret = rotate_secret(endpoint=endpoint)
            messages.success(request, f"The secret of {endpoint} is {secret}. {KEEP_IT}")

        effect = "The old secret stops counting with the next message."
        return confirmed(self, request, rows, Deed("rotate", "Make a new secret", effect, run))

    @action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        for endpoint in rows:
            switch_endpoint(endpoint=endpoint, is_on=True)

    @action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        for endpoint in rows:
            switch_endpoint(endpoint=endpoint, is_on=False)


@admin.register(Delivery)
class DeliveryAdmin(HistoryAdmin):
    """The log: what was told to whom, when, and what went wrong."""

    list_display = ("notice", "listener", "state", "attempts", "due_at", "sent_at", "last_error")
    list_select_related = ("notice", "subscription__person", "subscription__endpoint")
    list_filter = (("state", ChoicesDropdownFilter),)
    ordering = ("-recorded_at",)
    actions = ("again",)

    @display(description="To")
    def listener(self, delivery: Any) -> str:
        return str(delivery.subscription.person or delivery.subscription.endpoint)

    def has_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notices.change_delivery")

    @action(description="Send again what failed", permissions=["again"])
    def again(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        now = timezone.now()
        deed = Deed(
            "again",
            "Send again",
            "They are sent within a minute.",
            lambda row: send_again(delivery=row, now=now),
        )
        return confirmed(self, request, rows, deed)


def _clean_url(form: Any) -> str:
    url: str = form.cleaned_data["url"]
    try:
        target_of(url, settings.WEBHOOK_PRIVATE_HOSTS)
    except SupplychainError as error:
        raise ValidationError(error.detail) from error
    return url
