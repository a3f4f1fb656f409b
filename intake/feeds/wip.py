"""WIP reports: what happened to lots at an outside company, one operation a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from intake.domain.errors import PassedOverError, WaitingError
from intake.domain.mapping import AS_DOCUMENTED, ColumnMapping
from intake.domain.tables import BadLine, Line, header_of, instant_of, table_lines
from intake.feeds.keys import ContentKeys, operation_key
from intake.feeds.lookups import command_of
from intake.feeds.wip_rows import KIND, WipRow
from intake.feeds.wip_verbs import VERBS
from intake.services.registry import FeedContext, FeedItem, RejectedItem
from lots.domain.errors import GateError, HeldError, WrongStateError
from supplychain.base.errors import MalformedError

REQUIRED = ("event_id", "occurred_at", "supplier", "verb", "lot")
OPTIONAL = (
    "product", "route", "step", "quantity", "unit", "wafers", "to_lot", "to", "hold_class",
    "reason", "comment", "serials", "due_on", "loss", "equipment", "return_step",
)  # fmt: skip
IGNORED = "ignore"


class WipFeed:
    """One operation a line; what a state, a hold or a gate forbids waits until that changes."""

    kind = KIND
    columns = (*REQUIRED, *OPTIONAL)

    def recognises(self, name: str, head: bytes) -> bool:
        return name.endswith(".wip.csv") or set(REQUIRED) <= set(header_of(head))

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        return self.parse_mapped(stream, AS_DOCUMENTED)

    def parse_mapped(
        self, stream: IO[bytes], mapping: ColumnMapping
    ) -> Iterator[FeedItem | RejectedItem]:
        """Lines in the order of the file."""
        unnamed = ContentKeys()
        for line in table_lines(stream, REQUIRED, OPTIONAL, mapping):
            yield _rejected(line) if isinstance(line, BadLine) else _item(line, unnamed)

    def apply(self, item: FeedItem, context: FeedContext) -> str | None:
        values = {name: str(value) for name, value in item.content.items()}
        words = {name: values.get(name, "") for name in ("lot", "supplier", *OPTIONAL)}
        verb = values.get("verb", "")
        if verb == IGNORED:
            raise PassedOverError("The mapping leaves this verb out.")
        carry_out = VERBS.get(verb)
        if carry_out is None:
            raise MalformedError(
                f"{values.get('verb')!r} is no verb. Known: {', '.join(sorted(VERBS))}.",
                field="verb",
            )
        try:
            return carry_out(WipRow(**words), command_of(item, context, words))
        except (HeldError, WrongStateError, GateError) as error:
            raise WaitingError(error.detail, **error.fields) from error


def _rejected(line: BadLine) -> RejectedItem:
    return RejectedItem(line.number, line.reason, line.text)


def _item(line: Line, unnamed: ContentKeys) -> FeedItem | RejectedItem:
    words = {name: value for name, value in line.values.items() if value}
    try:
        occurred_at = instant_of(words.get("occurred_at", ""), "occurred_at")
    except MalformedError as error:
        return RejectedItem(line.number, error.detail, ",".join(line.values.values()))
    missing = [name for name in ("supplier", "verb", "lot") if name not in words]
    if missing:
        reason = f"The line gives no {', '.join(missing)}."
        return RejectedItem(line.number, reason, ",".join(line.values.values()))
    if event_id := words.get("event_id"):
        key = operation_key(KIND, words["supplier"], event_id, words)
    else:
        key = unnamed.key(KIND, words["supplier"], words)
    return FeedItem(line.number, key, words, occurred_at)
