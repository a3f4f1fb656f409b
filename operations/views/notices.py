from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from notices.forms import SubscriptionForm
from notices.models import Subscription
from notices.selectors import subscription_by_id, subscriptions_of, told_to
from notices.services import pause, resume, save_subscription, unsubscribe
from operations.views.page import Page
from supplychain.base.errors import ForbiddenError, MissingError

TOLD_MAX = 50


class NoticesPage(Page):
    """What the person at the page is told, and when; and what they were told lately."""

    template_name = "operations/notice_list.html"
    title = "My notices"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts: dict[str, Any] = {
            "subscriptions": list(subscriptions_of(self.person)),
            "told": list(told_to(self.person)[:TOLD_MAX]),
            "form": SubscriptionForm(),
        }
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = SubscriptionForm(request.POST, instance=Subscription(person=self.person))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        _save(form)
        messages.success(request, "Subscribed.")
        return HttpResponseRedirect(reverse("operations:notice-list"))


class SubscriptionPage(Page):
    """One of one's own, to change."""

    template_name = "operations/subscription_detail.html"
    title = "Change what I am told"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or SubscriptionForm(instance=self.own)
        return super().get_context_data(form=form, **kwargs)

    @property
    def own(self) -> Subscription:
        return _own(self.kwargs["pk"], self)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = SubscriptionForm(request.POST, instance=self.own)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        _save(form)
        messages.success(request, "Changed.")
        return HttpResponseRedirect(reverse("operations:notice-list"))


class SubscriptionActPage(Page):
    """Pauses, resumes or ends one of one's own."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("operations:notice-list"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        acts = {
            "pause": (pause, "Paused: what waited is not told any more."),
            "resume": (resume, "You are told again, from now on."),
            "end": (unsubscribe, "Ended."),
        }
        if self.kwargs["act"] not in acts:
            raise MissingError("There is no such act on a subscription.")
        act, words = acts[self.kwargs["act"]]
        act(subscription=_own(self.kwargs["pk"], self))
        messages.success(request, words)
        return self.get(request)


def _own(pk: int, page: Page) -> Subscription:
    found = subscription_by_id(pk)
    if found is None:
        raise MissingError("There is no such subscription. It may have ended.")
    if found.person_id != page.person.pk:
        raise ForbiddenError("That is somebody else's. Look at your own under My notices.")
    return found


def _save(form: SubscriptionForm) -> None:
    said = form.cleaned_data
    save_subscription(
        subscription=form.save(commit=False),
        products=said["products"],
        suppliers=said["suppliers"],
    )
