"""Wafer maps, SEMI E142 and G85: bins of wafers, and dies that went into packages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any

from intake.domain.contents import content_sha256
from intake.domain.errors import WaitingError
from intake.domain.mapping import AS_DOCUMENTED, ColumnMapping
from intake.domain.maps.contents import BINS, bin_map_of, content_of, dies_content, transfers_of
from intake.domain.maps.document import looks_like_map, read_map
from intake.domain.maps.words import BinMap, PackageTransfer
from intake.feeds.keys import operation_key
from intake.feeds.lookups import command_of
from intake.services.die_transfers import Transfer, apply_transfer
from intake.services.registry import FeedContext, FeedItem, RejectedItem
from intake.services.wafer_maps import record_map
from lots.domain.errors import HeldError, WrongStateError

MAPPED = ("supplier", "lot", "product", "route", "step")
CREATED_FORMS = ("%Y%m%d%H%M%S", "%Y%m%d%H%M%S%f")


class MapFeed:
    """One bin map is an item, and one package is an item."""

    kind = "wafer-map"
    columns = ("what", "wafer", "serial", *MAPPED, "origin", "axis", "dies")

    def recognises(self, name: str, head: bytes) -> bool:
        return looks_like_map(head)

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        return self.parse_mapped(stream, AS_DOCUMENTED)

    def parse_mapped(
        self, stream: IO[bytes], mapping: ColumnMapping
    ) -> Iterator[FeedItem | RejectedItem]:
        """Maps first, so that a package is checked against the bins that came with it."""
        document = read_map(stream)
        number = 0
        for number, bin_map in enumerate(document.maps, 1):
            yield _map_item(number, bin_map, mapping)
        for place, transfer in enumerate(document.transfers, number + 1):
            yield _transfer_item(place, transfer, mapping)

    def apply(self, item: FeedItem, context: FeedContext) -> None:
        if item.content.get("what") == BINS:
            record_map(
                found=bin_map_of(item.content),
                file_id=context.file_id,
                number=item.number,
                occurred_at=item.occurred_at or context.received_at,
            )
            return
        dated = item.occurred_at or context.received_at
        command = command_of(
            FeedItem(item.number, item.op_key, item.content, dated), context, item.content
        )
        try:
            apply_transfer(transfer=_transfer(item.content), command=command)
        except (HeldError, WrongStateError) as error:
            raise WaitingError(error.detail, **error.fields) from error


def _map_item(number: int, bin_map: BinMap, mapping: ColumnMapping) -> FeedItem:
    content = content_of(bin_map)
    content["wafer"] = mapping.translated("wafer", bin_map.substrate)
    key = operation_key(MapFeed.kind, "", "", content)
    return FeedItem(number, key, content, _created_at(bin_map.created_at, mapping))


def _transfer_item(number: int, transfer: PackageTransfer, mapping: ColumnMapping) -> FeedItem:
    words = {"lot": transfer.lot, "product": transfer.product}
    content: dict[str, Any] = {"what": "transfer", "serial": transfer.serial}
    for name in MAPPED:
        given = mapping.constants.get(name) or words.get(name) or mapping.defaults.get(name, "")
        content[name] = mapping.translated(name, given)
    content["dies"] = [
        {**die, "wafer": mapping.translated("wafer", die["wafer"])}
        for die in dies_content(transfer.dies)
    ]
    key = f"{MapFeed.kind}:transfer:{transfer.serial[:80]}:{content_sha256(content)[:32]}"
    return FeedItem(number, key, content)


def _transfer(content: Any) -> Transfer:
    return Transfer(
        serial=str(content.get("serial", "")),
        dies=transfers_of(content),
        **{name: str(content.get(name, "")) for name in MAPPED},
    )


def _created_at(text: str, mapping: ColumnMapping) -> datetime | None:
    """Of a map that says when it was made; None where it does not, or not so that one can tell."""
    for form in CREATED_FORMS:
        try:
            made = datetime.strptime(text, form)  # noqa: DTZ007 (zone is set below)
        except ValueError:
            continue
        return made.replace(tzinfo=mapping.zone or UTC)
    return None
