from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.archives import Unpacked, UnpackLimits, Wrapping, wrapping_of
from intake.domain.errors import ArchiveError, BombError

CONTENT = bytes(range(256)) * 4000


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


PACKED = {
    Wrapping.PLAIN: CONTENT,
    Wrapping.GZIP: gzip.compress(CONTENT),
    Wrapping.BZIP2: bz2.compress(CONTENT),
    Wrapping.XZ: lzma.compress(CONTENT),
    Wrapping.ZIP: zipped(("a.stdf", CONTENT)),
}


def unpack(packed: bytes, **limits: float) -> tuple[bytes, Unpacked]:
    unpacked = Unpacked(io.BytesIO(packed), UnpackLimits(**limits))  # type: ignore[arg-type]
    return b"".join(unpacked.chunks()), unpacked


@pytest.mark.parametrize("wrapping", list(Wrapping))
def test_every_wrapping_gives_back_its_content(wrapping: Wrapping) -> None:
    content, unpacked = unpack(PACKED[wrapping])
    assert content == CONTENT
    assert unpacked.wrapping is wrapping
    assert not unpacked.is_cut
    assert unpacked.bytes_out == len(CONTENT)


@given(st.binary(max_size=3000))
def test_gzip_gives_back_any_content(content: bytes) -> None:
    assert unpack(gzip.compress(content))[0] == content


def test_gzip_without_its_fast_library_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.domain.archives.igzip_lib", None)
    content, unpacked = unpack(PACKED[Wrapping.GZIP] + gzip.compress(b"two"))
    assert content == CONTENT + b"two"
    assert unpack(PACKED[Wrapping.GZIP][:-20])[1].is_cut
    assert unpacked.notes == []


def test_the_name_of_the_wrapping_does_not_matter() -> None:
    assert wrapping_of(b"PK\x05\x06") is Wrapping.ZIP
    assert wrapping_of(b"") is Wrapping.PLAIN


def test_several_members_of_one_gzip_are_joined() -> None:
    assert unpack(gzip.compress(b"one") + gzip.compress(b"two"))[0] == b"onetwo"


MAKE: dict[Wrapping, Callable[[bytes], bytes]] = {
    Wrapping.GZIP: gzip.compress,
    Wrapping.BZIP2: bz2.compress,
    Wrapping.XZ: lzma.compress,
}


@pytest.mark.parametrize("before_boundary", range(7))
@pytest.mark.parametrize("wrapping", list(MAKE))
def test_a_member_that_ends_just_before_what_is_read_at_once_is_not_the_last(
    wrapping: Wrapping, before_boundary: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = MAKE[wrapping](b"one")
    monkeypatch.setattr("intake.domain.archives.INPUT_BYTES", len(first) + before_boundary)
    content, unpacked = unpack(first + MAKE[wrapping](b"two"))
    assert content == b"onetwo"
    assert (unpacked.is_cut, unpacked.notes) == (False, [])


@pytest.mark.parametrize("wrapping", list(MAKE))
def test_an_archive_cut_within_the_mark_of_its_next_member_is_cut(wrapping: Wrapping) -> None:
    content, unpacked = unpack(MAKE[wrapping](b"one") + MAKE[wrapping](b"two")[:1])
    assert content == b"one"
    assert unpacked.is_cut


def test_zeros_behind_a_gzip_are_padding() -> None:
    content, unpacked = unpack(gzip.compress(b"one") + bytes(512))
    assert (content, unpacked.notes) == (b"one", [])


def test_other_bytes_behind_a_gzip_are_left_out_and_noted() -> None:
    content, unpacked = unpack(gzip.compress(b"one") + b"junk")
    assert content == b"one"
    assert unpacked.notes == ["Bytes after the end of the archive were left out."]


@pytest.mark.parametrize("wrapping", [Wrapping.GZIP, Wrapping.BZIP2, Wrapping.XZ])
def test_a_cut_archive_gives_what_came_and_is_marked(wrapping: Wrapping) -> None:
    packed = PACKED[wrapping]
    content, unpacked = unpack(packed[: len(packed) - 20])
    assert unpacked.is_cut
    assert CONTENT.startswith(content)
    assert "ends too early" in unpacked.notes[0]


def test_a_gzip_broken_in_the_middle_gives_what_came() -> None:
    packed = bytearray(zlib.compress(b"", wbits=31))
    packed[10:] = b"\xff" * 40
    content, unpacked = unpack(bytes(packed))
    assert content == b""
    assert "broken in the middle" in unpacked.notes[0]


def test_a_bomb_is_refused_while_it_streams() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    unpacked = Unpacked(io.BytesIO(bomb), UnpackLimits(ratio_from=1 << 20))
    with pytest.raises(BombError, match="times its size"):
        for _ in unpacked.chunks():
            pass
    assert unpacked.bytes_out < 32 << 20


def test_more_than_the_cap_is_refused_whatever_the_ratio() -> None:
    with pytest.raises(BombError, match="More than 1,000 bytes"):
        unpack(PACKED[Wrapping.PLAIN], bytes_max=1000)


def test_a_small_file_may_be_packed_very_tightly() -> None:
    assert unpack(gzip.compress(bytes(1 << 20)))[0] == bytes(1 << 20)


def test_ordinary_data_beyond_the_threshold_is_no_bomb() -> None:
    assert unpack(PACKED[Wrapping.GZIP], ratio_from=1000)[0] == CONTENT


@pytest.mark.parametrize("name", ["../a.stdf", "folder/a.stdf", "c:a.stdf", "a\\b.stdf", ".", ".."])
def test_a_path_in_a_zip_is_refused(name: str) -> None:
    with pytest.raises(ArchiveError, match="path"):
        unpack(zipped((name, b"x")))


def test_a_zip_of_several_files_is_refused() -> None:
    with pytest.raises(ArchiveError, match="holds 2 files"):
        unpack(zipped(("a", b"x"), ("b", b"y")))


def test_a_zip_without_its_directory_is_refused() -> None:
    with pytest.raises(ArchiveError, match="directory"):
        unpack(PACKED[Wrapping.ZIP][:-40])


def test_an_encrypted_zip_is_refused() -> None:
    packed = bytearray(zipped(("a", b"x")))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveError, match="encrypted"):
        unpack(bytes(packed))


def test_an_unknown_zip_compression_is_refused() -> None:
    packed = bytearray(zipped(("a", b"x")))
    packed[packed.index(b"PK\x01\x02") + 10] = 97
    with pytest.raises(ArchiveError, match="compression"):
        unpack(bytes(packed))


def test_a_zip_broken_in_the_middle_gives_what_came() -> None:
    packed = bytearray(zipped(("a", CONTENT), method=zipfile.ZIP_STORED))
    packed[2000] ^= 0xFF
    content, unpacked = unpack(bytes(packed))
    assert unpacked.is_cut
    assert len(content) <= len(CONTENT)


def test_the_head_is_seen_without_using_the_source_up() -> None:
    unpacked = Unpacked(io.BytesIO(PACKED[Wrapping.BZIP2]))
    assert unpacked.head(10) == CONTENT[:10]
    assert b"".join(unpacked.chunks()) == CONTENT


def test_the_head_of_a_short_file_is_all_of_it() -> None:
    assert Unpacked(io.BytesIO(b"abc")).head(10) == b"abc"
