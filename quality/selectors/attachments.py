"""Files of issues."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from quality.models import Issue, IssueAttachment
from supplychain.base.errors import MissingError


def attachments_of(issue: Issue) -> QuerySet[IssueAttachment]:
    """Files of the issue and of what was merged into it, oldest first."""
    rows = IssueAttachment.objects.filter(Q(issue=issue) | Q(issue__merged_into=issue))
    return rows.select_related("issue", "added_by", "withdrawal__withdrawn_by").order_by("pk")


def attachment_by_id(number: str, pk: int) -> IssueAttachment:
    """A file of the issue of this number. MissingError when there is none."""
    rows = IssueAttachment.objects.select_related("issue", "added_by", "withdrawal__withdrawn_by")
    row = rows.filter(issue__number=number, pk=pk).first()
    if row is None:
        raise MissingError(f"{number} has no such file.")
    return row
