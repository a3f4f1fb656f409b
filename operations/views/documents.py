"""Pages that documents of every kind share: the list, one of them, approving and giving up."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from finance.models.documents import Document
from finance.selectors.documents import document_by_id
from finance.services.documents import Trade, approved, foreseen_of, given_up, told_document
from operations.views.books import BooksPage
from operations.views.page import page_number, seen_of, sent_key
from supplychain.base.errors import MissingError, SupplychainError

ROWS = 50


class DocumentListPage(BooksPage, ABC):
    """Every document of a kind, newest first: what waits, and what was posted."""

    trade: ClassVar[Trade[Any]]

    @abstractmethod
    def listed(self) -> QuerySet[Any]:
        """All that may be shown, in order."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = page_number(self.given.get("page", ""))
        rows = list(self.listed()[(page - 1) * ROWS : page * ROWS + 1])
        parts = {
            "documents": rows[:ROWS],
            "page": page,
            "has_next": len(rows) > ROWS,
            "may_prepare": self.may(self.trade.prepare),
        }
        return super().get_context_data(**{**parts, **kwargs})


class DocumentNewPage(BooksPage, ABC):
    """Shows what a document would post, and prepares it once the person agrees.

    form_class: its order() is what is asked for. address: name of the page of one that is made.
    """

    form_class: ClassVar[type[Any]]
    address: ClassVar[str]

    @abstractmethod
    def first(self) -> dict[str, Any]:
        """What the form begins with."""

    @abstractmethod
    def tried(self, order: Any) -> dict[str, Any]:
        """What the order would be and post, as the template shows it; nothing is kept."""

    @abstractmethod
    def prepared(self, order: Any, key: str) -> Document:
        """The document, which waits for somebody else."""

    def again(self, form: Any) -> Any:
        """The form beside what it would do."""
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = {"op_key": uuid.uuid4().hex, **kwargs}
        if "form" not in kwargs:
            parts["form"] = self.form_class(initial=self.first())
        return super().get_context_data(**parts)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, key = self.form_class(request.POST, request.FILES), sent_key(request)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            if request.POST.get("go") == "prepare" and key:
                return self.prepare(form.order(), key)
            parts = self.tried(form.order())
        except SupplychainError as error:
            context = self.get_context_data(form=self.again(form), error=error)
            return self.render_to_response(context, status=error.status)
        return self.render_to_response(self.get_context_data(form=self.again(form), **parts))

    def prepare(self, order: Any, key: str) -> HttpResponseBase:
        document = self.prepared(order, f"page:{self.person.pk}:{key}")
        messages.success(
            self.request, f"{document} is prepared; it waits for somebody else's approval."
        )
        return HttpResponseRedirect(reverse(self.address, args=[document.pk]))


class DocumentPage(BooksPage):
    """One document: what it says, what its approval would post, or what it posted.

    address: name of its page; that of its acts ends in -act, that of the list in s.
    """

    trade: ClassVar[Trade[Any]]
    address: ClassVar[str]

    def document(self) -> Any:
        return document_by_id(self.trade.rows.all(), self.kwargs["pk"], self.trade.called)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        document = self.document()
        waits = document.approved_at is None
        parts = {
            "document": document,
            "title": str(document),
            "lines": document.lines.all(),
            "may_approve": waits and self.may(self.trade.approve),
            "may_give_up": waits and self.may(self.trade.prepare),
            "is_own": document.prepared_by_id == self.person.pk,
            "approval_address": self.address_of(document, "approve"),
            "give_up_address": self.address_of(document, "give-up"),
            **(self.foreseen(document) if waits else {}),
            **self.told(document),
        }
        return super().get_context_data(**{**parts, **kwargs})

    def told(self, document: Any) -> dict[str, Any]:
        """What the page of this kind shows more."""
        return {}

    def address_of(self, document: Document, act: str) -> str:
        """Where an act on the document is sent."""
        return reverse(f"{self.address}-act", args=[document.pk, act])

    def foreseen(self, document: Document) -> dict[str, Any]:
        """What it would post now, or why it could not be approved."""
        try:
            foreseen = foreseen_of(self.trade, document)
        except SupplychainError as error:
            return {"hindrance": error}
        return {"foreseen": foreseen, "seen": told_document(document, foreseen).sha256}


class DocumentActPage(DocumentPage):
    """Approves a document, or gives it up; what would be posted is on its page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        acts = {"approve": self.approve, "give-up": self.give_up}
        act = acts.get(self.kwargs["act"])
        if act is None:
            raise MissingError(f"There is no such act on {self.trade.called}s.")
        try:
            return act(self.document())
        except SupplychainError as error:
            return self.render_to_response(self.get_context_data(error=error), status=error.status)

    def approve(self, document: Document) -> HttpResponseBase:
        done = approved(self.trade, document, approver=self.person, seen=seen_of(self.request))
        messages.success(
            self.request, f"Approved: {done} is posted as transaction {done.transaction}."
        )
        return HttpResponseRedirect(reverse(self.address, args=[done.pk]))

    def give_up(self, document: Document) -> HttpResponseBase:
        given_up(self.trade, document, actor=self.person)
        messages.success(self.request, f"{document} is given up; nothing was posted.")
        return HttpResponseRedirect(reverse(f"{self.address}s"))
