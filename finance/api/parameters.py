from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from finance.domain.queries import PERIOD, SEQ_MAX
from finance.domain.words import Account

SEQ: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": SEQ_MAX}
MONTH: dict[str, Any] = {"type": "string", "pattern": f"^{PERIOD.pattern}$"}

AFTER_SEQ = OpenApiParameter(
    "after_seq", {**SEQ, "default": 0}, description="Only rows after this seq."
)
AS_OF_SEQ = OpenApiParameter(
    "as_of_seq", SEQ, description="Only rows up to this seq: the same answer for ever."
)
AS_OF_DATE = OpenApiParameter(
    "as_of_date", OpenApiTypes.DATE, description="Only facts effective up to this plant day."
)
PERIOD_ONLY = OpenApiParameter("period", MONTH, description="Only rows posted to this period.")
PERIOD_REQUIRED = OpenApiParameter("period", MONTH, required=True)
ACCOUNT = OpenApiParameter("account", str, enum=list(Account))
WATERMARK = OpenApiParameter(
    "X-As-Of-Seq", int, OpenApiParameter.HEADER, response=True,
    description="The ledger's last seq when this was answered.",
)  # fmt: skip
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=True)
SEEN = OpenApiParameter(
    "If-Match", {"type": "string", "minLength": 1}, OpenApiParameter.HEADER, required=True,
    description="The ETag of what you looked at; refused with 412 when it is another by now.",
)  # fmt: skip
LINK = OpenApiParameter(
    "Link", str, OpenApiParameter.HEADER, response=[200], description="The next page."
)


def limit(default: int, maximum: int, description: str) -> OpenApiParameter:
    """The limit of one list."""
    schema: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": maximum}
    return OpenApiParameter("limit", {**schema, "default": default}, description=description)
