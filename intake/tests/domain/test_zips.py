from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.archives import Unpacked
from intake.domain.errors import ArchiveError, BombError
from intake.domain.zips import Collection, CollectionLimits, is_collection
from intake.tests.domain.test_archives import zipped

TWO = zipped(("a.stdf", b"one"), ("b.stdf", b"two" * 1000))


def collection(packed: bytes, **limits: float) -> Collection:
    return Collection(io.BytesIO(packed), CollectionLimits(**limits))  # type: ignore[arg-type]


def contents(packed: bytes) -> dict[str, bytes]:
    found = collection(packed)
    return {one.name: b"".join(found.chunks(one.number)) for one in found.members}


def test_each_member_comes_out_by_itself() -> None:
    assert contents(TWO) == {"a.stdf": b"one", "b.stdf": b"two" * 1000}


@pytest.mark.parametrize(
    "method",
    [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA],
)
def test_every_compression_gives_back_its_content(method: int) -> None:
    content = bytes(range(256)) * 3000
    packed = zipped(("a", content), ("b", b""), method=method)
    assert contents(packed) == {"a": content, "b": b""}


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (TWO, True),
        (zipped(("a.stdf", b"one")), False),
        (TWO[:-30], False),
        (b"PK\x03\x04", False),
        (b"", False),
    ],
)
def test_only_a_readable_zip_of_several_files_is_a_collection(content: bytes, is_one: bool) -> None:
    stream = io.BytesIO(content)
    stream.seek(min(2, len(content)))
    assert is_collection(stream) is is_one
    assert stream.tell() == 0


def test_folders_are_no_members() -> None:
    members = collection(zipped(("lot/", b""), ("a", b"x"), ("b", b"y"))).members
    assert [(one.number, one.name) for one in members] == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("name", ["../a.stdf", "lot/a.stdf", "c:a.stdf", "a\\b.stdf", ".", ".."])
def test_a_member_with_a_path_is_left_out_and_its_neighbour_is_not(name: str) -> None:
    path, plain = collection(zipped((name, b"x"), ("b", b"y"))).members
    assert "path" in path.fault
    assert plain.fault == ""


def test_a_member_larger_than_allowed_is_left_out() -> None:
    small, large = collection(TWO, member_bytes_max=10).members
    assert (small.fault, large.fault) == ("", "It is larger than 10 bytes. Split it.")


def test_too_many_members_are_refused() -> None:
    with pytest.raises(ArchiveError, match="holds 2 files, more than 1"):
        collection(TWO, members_max=1)


def test_more_than_the_cap_is_refused_before_anything_comes_out() -> None:
    with pytest.raises(BombError, match="More than 3,000 bytes"):
        collection(TWO, bytes_max=3000)


def test_a_bomb_of_many_members_is_refused_before_anything_comes_out() -> None:
    bomb = zipped(*((f"{number}", bytes(4 << 20)) for number in range(8)))
    with pytest.raises(BombError, match="300 times its size"):
        collection(bomb)


def test_a_member_never_gives_more_than_the_directory_says() -> None:
    packed = bytearray(zipped(("a", b"x" * 5000), ("b", b"y")))
    entry = packed.index(b"PK\x01\x02")
    packed[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    found = collection(bytes(packed))
    out = bytearray()
    with pytest.raises(ArchiveError, match="broken in the archive"):
        for chunk in found.chunks(1):
            out += chunk
    assert len(out) <= 10


def test_a_directory_that_says_it_is_huge_is_not_read() -> None:
    packed = bytearray(TWO + bytes(5 << 20))
    end = packed.index(b"PK\x05\x06")
    tail = packed[end : end + 22]
    tail[12:16] = (5 << 20).to_bytes(4, "little")
    with pytest.raises(ArchiveError, match="longer than any"):
        collection(bytes(packed + tail))


def test_a_damaged_member_is_told_and_the_others_come_out() -> None:
    packed = bytearray(zipped(("a", b"one"), ("b", b"two"), method=zipfile.ZIP_STORED))
    packed[packed.index(b"one")] ^= 0xFF
    found = collection(bytes(packed))
    with pytest.raises(ArchiveError, match="broken in the archive"):
        list(found.chunks(1))
    assert b"".join(found.chunks(2)) == b"two"


def test_read_as_one_file_a_collection_is_refused() -> None:
    with pytest.raises(ArchiveError, match="holds 2 files"):
        list(Unpacked(io.BytesIO(TWO)).chunks())


@given(st.lists(st.tuples(st.integers(0, len(TWO) - 1), st.integers(0, 255)), max_size=4))
def test_damage_anywhere_is_a_refusal_in_words(flips: list[tuple[int, int]]) -> None:
    packed = bytearray(TWO)
    for place, value in flips:
        packed[place] = value
    try:
        found = collection(bytes(packed))
        for one in found.members:
            if not one.fault:
                list(found.chunks(one.number))
    except ArchiveError as error:
        assert error.detail
