"""Which feeds there are, and what one must be able to do. Higher rooms register theirs here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Protocol, runtime_checkable

from intake.domain.mapping import ColumnMapping
from intake.domain.results.reading import result_kind
from intake.domain.words import STDF, UNKNOWN

ARCHIVE_SUFFIXES = (".gz", ".bz2", ".xz", ".zip")
STDF_SUFFIXES = (".stdf", ".std", ".stdf4", ".atdf", ".atd")
STDF_HEADS = (b"\x02\x00\x00\x0a", b"\x00\x02\x00\x0a", b"FAR:A")
HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One operation: the lines that belong together, as plain JSON values.

    number: of its first line, from 1. op_key: the same for every repeat of the operation.
    occurred_at: decides the order within a file; None keeps the file's order.
    """

    number: int
    op_key: str
    content: Mapping[str, Any]
    occurred_at: datetime | None = None
    line_count: int = 1


@dataclass(frozen=True, slots=True)
class RejectedItem:
    """Lines that cannot be read; they go to quarantine. text: as in the file, cut to what helps."""

    number: int
    reason: str
    text: str = ""
    line_count: int = 1


@dataclass(frozen=True, slots=True)
class FeedContext:
    """The file that an item came with."""

    file_id: int
    sha256: str
    name: str
    received_at: datetime
    number: int = 1

    @property
    def source_reference(self) -> str:
        """File and row, for the ledger."""
        return f"{self.name[-160:]} row {self.number}"


class Feed(Protocol):
    """A format that partners send.

    kind: its word, at most 32 characters, in the state of files. apply: carry one item out; its
    transaction is the caller's. It raises WaitingError for what has not come yet, RepeatedError for
    what is known, PassedOverError for what is not needed any more; any other SupplychainError sends
    the item to quarantine.
    """

    @property
    def kind(self) -> str: ...

    def recognises(self, name: str, head: bytes) -> bool:
        """Whether a file is of this format. name: lower case, without an archive's suffix."""
        ...

    def parse(self, stream: BinaryIO) -> Iterable[FeedItem | RejectedItem]:
        """All of a file. FileRefusedError when it cannot be read at all."""
        ...

    def apply(self, item: FeedItem, context: FeedContext) -> str | None:
        """Carry it out. What a person should know of one that was applied, if anything."""
        ...


@runtime_checkable
class MappedFeed(Protocol):
    """A feed whose columns and words a partner may name otherwise. columns: ours, in order."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    def parse_mapped(
        self, stream: BinaryIO, mapping: ColumnMapping
    ) -> Iterable[FeedItem | RejectedItem]:
        """As parse, by a partner's mapping."""
        ...


_feeds: dict[str, Feed] = {}


def register_feed(feed: Feed) -> None:
    """Make a feed known; call it from an app's ready(). Again with the same kind replaces."""
    _feeds[feed.kind] = feed


def feed_of(kind: str) -> Feed | None:
    """The feed of this kind, if there is one."""
    return _feeds.get(kind)


def feed_kinds() -> list[str]:
    """Kinds of all feeds."""
    return sorted(_feeds)


def mapped_feed_of(kind: str) -> MappedFeed | None:
    """The feed of this kind, if partners may write it in words of their own."""
    feed: object = feed_of(kind)
    return feed if isinstance(feed, MappedFeed) else None


def mapped_kinds() -> list[str]:
    """Kinds that a mapping may be for."""
    return sorted(kind for kind in _feeds if mapped_feed_of(kind) is not None)


def plain_name(name: str) -> str:
    """Last part of the name in lower case, without an archive's suffix."""
    plain = name.replace("\\", "/").rsplit("/", 1)[-1].lower()
    for suffix in ARCHIVE_SUFFIXES:
        plain = plain.removesuffix(suffix)
    return plain


def kind_of(name: str, head: bytes) -> str:
    """By the first plain bytes, then by name: `stdf`, a feed's kind, or `unknown`."""
    plain = plain_name(name)
    if head.startswith(STDF_HEADS):
        return STDF
    for feed in _feeds.values():
        if feed.recognises(plain, head):
            return feed.kind
    if plain.endswith(STDF_SUFFIXES):
        return STDF
    return result_kind(plain, head) or UNKNOWN
