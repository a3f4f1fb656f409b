from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from finance.domain.write_downs import LOTS_MAX
from finance.selectors.write_downs import listed_write_downs
from finance.services import prepare_write_down, try_write_down
from finance.services.write_downs import PREPARE, WRITE_DOWNS
from operations.forms.write_downs import WriteDownForm
from operations.views.books import BooksPage
from operations.views.documents import DocumentActPage, DocumentListPage, DocumentPage
from operations.views.page import sent_key
from supplychain.base.errors import SupplychainError

LOOK = "finance.view_writedown"


class WriteDownListPage(DocumentListPage):
    """Every write-down, newest first: what waits, and what was posted."""

    template_name = "operations/write_down_list.html"
    title = "Write-downs"
    right: ClassVar[str] = LOOK
    trade = WRITE_DOWNS

    def listed(self) -> QuerySet[Any]:
        return listed_write_downs()


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


class WriteDownPage(DocumentPage):
    """One write-down: what it says, what its approval would post, or what it posted."""

    template_name = "operations/write_down.html"
    right: ClassVar[str] = LOOK
    trade = WRITE_DOWNS
    address = "operations:finance-write-down"


class WriteDownActPage(WriteDownPage, DocumentActPage):
    """Approves a write-down, or gives it up; what would be posted is on its page."""
