"""Whatever bytes come, a reader gives rows, rows with a reason, or refuses the file with one."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.contents import storage_fault
from intake.domain.errors import FileRefusedError
from intake.domain.mapping import ColumnMapping
from intake.domain.ship_notices import notice_of
from intake.domain.words import Delimiter, Encoding
from intake.domain.x12 import X12Error, transactions
from intake.feeds import grouping
from intake.feeds.asn import AsnFeed
from intake.feeds.assembly import AssemblyFeed
from intake.feeds.burn_in import BurnInFeed
from intake.feeds.maps import MapFeed
from intake.feeds.wip import WipFeed
from intake.feeds.x12 import X12Feed
from intake.models import FeedRow
from intake.services.feed_files import read_feed
from intake.services.registry import Feed, FeedItem, RejectedItem
from intake.tests.handing import at, hand_in, start_row, table, wip, wip_row
from intake.tests.maps_writer import e142, g85, transfers
from intake.tests.x12_writer import SERIALS, notice

ASN = ("shipment", "occurred_at", "supplier", "lot", "product", "route", "step", "serial",
       "declared_lot", "declared_wafer")  # fmt: skip
ASSEMBLY = ("event_id", "occurred_at", "supplier", "lot", "product", "route", "step", "serial",
            "position", "part_serial")  # fmt: skip
WORDS = {
    "shipment": "S1", "event_id": "E1", "occurred_at": at(0), "supplier": "MRVL", "lot": "M1",
    "product": "TRN2", "route": "B", "step": "RCV", "serial": "C1", "part_serial": "P1",
}  # fmt: skip
BURN_IN = json.dumps(
    {"format": "burn-in-1", "lot": "M1", "oven": "O1", "finished_at": at(9), "units": [],
     "log": [[at(1), 125.0, 0.9]]}
)  # fmt: skip
EXAMPLES: list[tuple[Feed, bytes]] = [
    (WipFeed(), wip(start_row(), wip_row("move", "W1", 1, step="CP2"))),
    (AsnFeed(), table(ASN, WORDS, {**WORDS, "serial": "C2"})),
    (AssemblyFeed(), table(ASSEMBLY, WORDS)),
    (BurnInFeed(), BURN_IN.encode()),
    (X12Feed(), notice(SERIALS)),
    (MapFeed(), e142("0102", "FF01")),
    (MapFeed(), g85("0102", "FF01")),
    (MapFeed(), transfers((0, 0, 0, 0), serials={(0, 0): "K1"})),
]
NASTY = [b"\0", b'"', b"\n", b"\r", b",", b"\xff", b"=1+1", b"9" * 40, b"~", b"*", b"<", b"&x;",
         b"NaN", b"[" * 200, "\ud55c".encode(), b"-1", b"1e999", b"]]>",
         b"\xef\xbb\xbf"]  # fmt: skip
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.one_of(st.sampled_from(NASTY), st.binary(max_size=12)),
    ),
    min_size=1,
    max_size=5,
)


def edited(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for share, gone, put in edits:
        place = int(share * len(content))
        content = content[:place] + put + content[place + gone :]
    return content


def assert_every_row_is_told(feed: Feed, content: bytes) -> None:
    try:
        items = list(feed.parse(BytesIO(content)))
    except FileRefusedError as error:
        assert error.detail
        return
    for item in items:
        if isinstance(item, RejectedItem):
            assert item.reason
            assert item.line_count >= 1
        else:
            assert item.op_key
            storage_fault(item.content)


@pytest.mark.parametrize(("feed", "content"), EXAMPLES, ids=lambda one: getattr(one, "kind", ""))
@settings(max_examples=60, deadline=None)
@given(edits=EDITS)
def test_no_damage_makes_a_reader_break(
    feed: Feed, content: bytes, edits: list[tuple[float, int, bytes]]
) -> None:
    assert_every_row_is_told(feed, edited(content, edits))


@pytest.mark.parametrize("feed", {type(feed): feed for feed, _ in EXAMPLES}.values())
@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=400))
def test_no_bytes_make_a_reader_break(feed: Feed, content: bytes) -> None:
    assert_every_row_is_told(feed, content)


@pytest.mark.parametrize(("feed", "content"), EXAMPLES, ids=lambda one: getattr(one, "kind", ""))
def test_each_example_is_read_when_whole(feed: Feed, content: bytes) -> None:
    assert list(feed.parse(BytesIO(content)))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"event_id", b" Event_ID ").replace(b"lot", b"LOT", 1),
        lambda text: text.rstrip(b"\n"),
        lambda text: text + b"\n ,,\n\n",
    ],
    ids=["byte order mark", "CRLF", "header case", "no last line end", "empty lines"],
)
def test_an_oddity_that_says_nothing_changes_nothing(change: object) -> None:
    content = wip(start_row("W1"), wip_row("move", "W1", 1, step="CP2"))
    assert callable(change)
    plain, odd = (list(WipFeed().parse(BytesIO(one))) for one in (content, change(content)))
    assert [item for item in odd if isinstance(item, FeedItem)] == plain


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_table_in_utf_16_is_refused_with_what_to_do(encoding: str) -> None:
    text = "\ufeff" if encoding.endswith("be") else ""
    content = (text + wip(start_row()).decode()).encode(encoding)
    with pytest.raises(FileRefusedError, match="Save it as CSV in UTF-8"):
        list(WipFeed().parse(BytesIO(content)))


def test_a_column_named_twice_refuses_the_file() -> None:
    content = wip(start_row()).replace(b"quantity", b"lot", 1)
    with pytest.raises(FileRefusedError, match="lot more than once"):
        list(WipFeed().parse(BytesIO(content)))


def test_a_double_that_nobody_reads_is_passed_over() -> None:
    content = table(("note", *WORDS, "note"), WORDS)
    mapping = ColumnMapping(constants={"verb": "move"})
    assert len(list(WipFeed().parse_mapped(BytesIO(content), mapping))) == 1


def test_a_wrong_encoding_is_told_line_by_line() -> None:
    good, bad = wip_row("hold", "W1", 1, comment="x"), wip_row("hold", "W1", 2, comment="\u00e9")
    content = wip(good, bad).decode().encode("cp1252")
    first, second = WipFeed().parse(BytesIO(content))
    assert isinstance(first, FeedItem)
    assert isinstance(second, RejectedItem)
    assert (second.number, second.reason) == (3, "The line is no UTF-8 text.")


@pytest.mark.parametrize(("encoding", "word"), [
    (Encoding.TAIWAN, "\u6676\u5713"), (Encoding.JAPAN, "\u30a6\u30a8\u30cf"),
    (Encoding.CHINA, "\u6676\u5706"), (Encoding.WESTERN, "\u00e9"),
])  # fmt: skip
def test_a_partners_own_letters_are_read_by_its_mapping(encoding: Encoding, word: str) -> None:
    content = wip(wip_row("hold", "W1", 1, comment=word)).decode().replace(",", ";")
    mapping = ColumnMapping(delimiter=Delimiter.SEMICOLON, encoding=encoding)
    (item,) = WipFeed().parse_mapped(BytesIO(content.encode(encoding.value)), mapping)
    assert isinstance(item, FeedItem)
    assert item.content["comment"] == word


def test_a_huge_field_is_one_bad_line() -> None:
    huge = wip_row("hold", "W1", 1, comment="x" * 200_000)
    items = list(WipFeed().parse(BytesIO(wip(huge, wip_row("hold", "W1", 2)))))
    assert isinstance(items[0], RejectedItem)
    assert "longer than" in items[0].reason
    assert isinstance(items[1], FeedItem)


def test_a_notice_with_too_many_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "LINES_MAX", 1)
    with pytest.raises(FileRefusedError, match="more than 1 lines"):
        list(AsnFeed().parse(BytesIO(table(ASN, WORDS, {**WORDS, "serial": "C2"}))))


def test_ninety_thousand_serials_of_which_one_is_double_are_looked_through_once() -> None:
    named = "|".join(f"REF*SE*S{number}" for number in range(90_000))
    content = notice(f"LIN**VP*TRN2|{named}|REF*SE*S89999")
    with pytest.raises(X12Error, match="'S89999' is named twice"):
        notice_of(transactions(content)[0])


def peak_of(content: bytes, patched: pytest.MonkeyPatch) -> tuple[int, int]:
    """Rows kept, and the most memory that reading them took."""
    file, kept = hand_in(content, "a.wip.csv"), []

    def keep(rows: list[FeedRow]) -> None:
        kept.append(len(rows))

    file.refresh_from_db()
    with patched.context() as patch:
        patch.setattr(FeedRow.objects, "bulk_create", keep)
        tracemalloc.start()
        read_feed(file)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return sum(kept), peak


@pytest.mark.django_db
def test_a_long_report_needs_no_more_memory_than_a_short_one(
    material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: Iterator[dict[str, str]] = (wip_row("hold", f"W{n}", 1) for n in range(18_000))
    lines = wip(*rows).splitlines(keepends=True)
    few, low = peak_of(b"".join(lines[:4_001]), monkeypatch)
    many, high = peak_of(b"".join(lines), monkeypatch)
    assert (few, many) == (4_000, 18_000)
    assert high < 1.5 * low
