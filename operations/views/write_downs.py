from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet

from finance.domain.write_downs import LOTS_MAX, WriteDownOrder
from finance.models import WriteDown
from finance.selectors.write_downs import listed_write_downs
from finance.services import prepare_write_down, try_write_down
from finance.services.write_downs import PREPARE, WRITE_DOWNS
from operations.forms.write_downs import WriteDownForm
from operations.views.documents import (
    DocumentActPage,
    DocumentListPage,
    DocumentNewPage,
    DocumentPage,
)

LOOK = "finance.view_writedown"


class WriteDownListPage(DocumentListPage):
    """Every write-down, newest first: what waits, and what was posted."""

    template_name = "operations/write_down_list.html"
    title = "Write-downs"
    right: ClassVar[str] = LOOK
    trade = WRITE_DOWNS

    def listed(self) -> QuerySet[Any]:
        return listed_write_downs()


class WriteDownNewPage(DocumentNewPage):
    """Shows what a write-down would post, and prepares it once the person agrees."""

    template_name = "operations/write_down_new.html"
    title = "Write down stock"
    right: ClassVar[str] = PREPARE
    form_class = WriteDownForm
    address = "operations:finance-write-down"

    def first(self) -> dict[str, Any]:
        lots = self.request.GET.getlist("lot")[:LOTS_MAX]
        return {"effective_on": self.books.today(), "lots": "\n".join(f"{lot} " for lot in lots)}

    def tried(self, order: WriteDownOrder) -> dict[str, Any]:
        found = try_write_down(order=order, preparer=self.person)
        return {"tried": found, "lines": found.lines, "foreseen": found.foreseen}

    def prepared(self, order: WriteDownOrder, key: str) -> WriteDown:
        return prepare_write_down(order=order, key=key, preparer=self.person)


class WriteDownPage(DocumentPage):
    """One write-down: what it says, what its approval would post, or what it posted."""

    template_name = "operations/write_down.html"
    right: ClassVar[str] = LOOK
    trade = WRITE_DOWNS
    address = "operations:finance-write-down"


class WriteDownActPage(WriteDownPage, DocumentActPage):
    """Approves a write-down, or gives it up; what would be posted is on its page."""
