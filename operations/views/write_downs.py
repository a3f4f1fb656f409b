from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from finance.domain.write_downs import LOTS_MAX
from finance.models import WriteDown
from finance.selectors.write_downs import listed_write_downs, write_down_by_id
from finance.services import (
    approve_write_down,
    foresee,
    give_up_write_down,
    prepare_write_down,
    try_write_down,
)
from finance.services.write_downs import APPROVE, PREPARE
from operations.forms.write_downs import WriteDownForm
from operations.views.books import BooksPage
from operations.views.page import page_number, sent_key
from supplychain.base.errors import MissingError, SupplychainError

LOOK = "finance.view_writedown"
ROWS = 50


class WriteDownListPage(BooksPage):
    """Every write-down, newest first: what waits, and what was posted."""

    template_name = "operations/write_down_list.html"
    title = "Write-downs"
    right: ClassVar[str] = LOOK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = page_number(self.given.get("page", ""))
        rows = list(listed_write_downs()[(page - 1) * ROWS : page * ROWS + 1])
        parts = {
            "documents": rows[:ROWS],
            "page": page,
            "has_next": len(rows) > ROWS,
            "may_prepare": self.may(PREPARE),
        }
        return super().get_context_data(**{**parts, **kwargs})


class WriteDownNewPage(BooksPage):
    """Shows what a write-down would post, and prepares it once the person agrees."""

    template_name = "operations/write_down_new.html"
    title = "Write down stock"
    right: ClassVar[str] = PREPARE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lots = self.request.GET.getlist("lot")[:LOTS_MAX]
        first = {"effective_on": timezone.localdate(), "lots": "\n".join(f"{lot} " for lot in lots)}
        parts = {"form": WriteDownForm(initial=first), "op_key": uuid.uuid4().hex}
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, key = WriteDownForm(request.POST), sent_key(request)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            if request.POST.get("go") == "prepare" and key:
                return self.prepare(form, key)
            tried = try_write_down(order=form.order(), preparer=self.person)
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        parts = {"tried": tried, "lines": tried.lines, "foreseen": tried.foreseen}
        return self.render_to_response(self.get_context_data(form=form, **parts))

    def prepare(self, form: WriteDownForm, key: str) -> HttpResponseBase:
        document = prepare_write_down(
            order=form.order(), key=f"page:{self.person.pk}:{key}", preparer=self.person
        )
        messages.success(
            self.request, f"{document} is prepared; it waits for somebody else's approval."
        )
        return HttpResponseRedirect(reverse("operations:finance-write-down", args=[document.pk]))


class WriteDownPage(BooksPage):
    """One write-down: what it says, what its approval would post, or what it posted."""

    template_name = "operations/write_down.html"
    right: ClassVar[str] = LOOK

    def document(self) -> WriteDown:
        return write_down_by_id(self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        document = self.document()
        waits = document.approved_at is None
        parts = {
            "document": document,
            "title": str(document),
            "lines": document.lines.all(),
            "may_approve": waits and self.may(APPROVE),
            "may_give_up": waits and self.may(PREPARE),
            "is_own": document.prepared_by_id == self.person.pk,
            **(self.foreseen(document) if waits else {}),
        }
        return super().get_context_data(**{**parts, **kwargs})

    def foreseen(self, document: WriteDown) -> dict[str, Any]:
        """What it would post now, or why it could not be approved."""
        try:
            return {"foreseen": foresee(document=document)}
        except SupplychainError as error:
            return {"hindrance": error}


class WriteDownActPage(WriteDownPage):
    """Approves a write-down, or gives it up; what would be posted is on its page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        acts = {"approve": self.approve, "give-up": self.give_up}
        act = acts.get(self.kwargs["act"])
        if act is None:
            raise MissingError("There is no such act on write-downs.")
        try:
            return act(self.document())
        except SupplychainError as error:
            return self.render_to_response(self.get_context_data(error=error), status=error.status)

    def approve(self, document: WriteDown) -> HttpResponseBase:
        done = approve_write_down(document=document, approver=self.person)
        messages.success(
            self.request, f"Approved: {done} is posted as transaction {done.transaction}."
        )
        return HttpResponseRedirect(reverse("operations:finance-write-down", args=[done.pk]))

    def give_up(self, document: WriteDown) -> HttpResponseBase:
        give_up_write_down(document=document, actor=self.person)
        messages.success(self.request, f"{document} is given up; nothing was posted.")
        return HttpResponseRedirect(reverse("operations:finance-write-downs"))
