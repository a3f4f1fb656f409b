"""Rows that one person prepares and another approves, having seen what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.admin import action
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from finance.domain.told import Told
from finance.services import give_up_draft
from supplychain.base.admin import Deed, TableAdmin, actor, confirmed, seen_of


@dataclass(frozen=True, slots=True)
class Approval:
    """title, text: what is asked. approve: the service, given a row, who approves it, and the hash
    of what was seen. told: what a row says."""

    title: str
    text: str
    approve: Callable[[Any, User, str | None], object]
    told: Callable[[Any], Told]


class PreparedAdmin(TableAdmin):
    """Prepared by one person, who alone changes it, approved by another, then frozen.

    A draft is given up by anybody who may prepare such: whoever began it may have left.
    """

    approval: ClassVar[Approval]
    list_display: tuple[str, ...] = (
        "code", "effective_on", "prepared_by", "approved_by", "approved_at",
    )  # fmt: skip
    list_select_related: tuple[str, ...] = ("prepared_by", "approved_by")
    readonly_fields = ("prepared_by", "approved_by", "approved_at")
    search_fields = ("code__startswith",)
    actions = ("approve", "give_up")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_open = obj is None or (obj.approved_at is None and obj.prepared_by_id == request.user.pk)
        return is_open and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.prepared_by = request.user
        super().save_model(request, obj, form, change)

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """By the right to approve rows of this table."""
        code = get_permission_codename("approve", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{code}")

    @action(description="Approve", permissions=["approve"])
    def approve(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        """Ask first, showing what each row says."""
        asked = self.approval
        deed = Deed(
            "approve",
            asked.title,
            asked.text,
            lambda row: asked.approve(row, actor(request), seen_of(request, row)),
            lambda row: _shown(asked.told(row)),
        )
        return confirmed(self, request, rows, deed)

    def has_give_up_permission(self, request: HttpRequest) -> bool:
        """Whoever may prepare rows of this table."""
        return bool(self.has_add_permission(request))

    @action(description="Give up", permissions=["give_up"])
    def give_up(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        """Ask first, showing what each draft says."""
        deed = Deed(
            "give_up",
            "Give up drafts",
            "They are deleted with all their rows, whoever prepared them. What is approved stays.",
            lambda row: give_up_draft(draft=row, actor=actor(request)),
            lambda row: (_shown(self.approval.told(row))[0], ""),
        )
        return confirmed(self, request, rows, deed)


def _shown(told: Told) -> tuple[list[str], str]:
    """Rows as a question lists them, and the hash that the answer brings back."""
    return [" · ".join(cell for cell in row if cell) for row in told.rows], told.sha256
