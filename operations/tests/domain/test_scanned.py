"""What scanners send, and which name is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.domain.scanned import scanned_names


@pytest.mark.parametrize(
    ("raw", "first"),
    [
        ("W7Q3", "W7Q3"),
        ("  W7Q3\r\n", "W7Q3"),
        ("]C0W7Q3", "W7Q3"),
        ("]A0W7Q3-02", "W7Q3-02"),
        ("]d1W7Q1-02:0:0", "W7Q1-02:0:0"),
        ("]d2010950600013435221T3-26-00001", "T3-26-00001"),
        ("]C110AQ17\x1d21T3-26-00001", "T3-26-00001"),
        ("]C110AQ17", "AQ17"),
        ("\x1d0109506000134352\x1d10AQ17", "AQ17"),
        ("(01)09506000134352(21)T3-26-00001", "T3-26-00001"),
        ("]Q3240NSW-1\x1d3712", "NSW-1"),
        ("]d18004RK-0007", "8004RK-0007"),
        ("]d28004RK-0007", "RK-0007"),
        ("[)>\x1e06\x1d1TAQ17\x1dST3-26-00001\x1e\x04", "T3-26-00001"),
        ("[)>\x1e06\x1d1PTRN3\x1d1TAQ17\x1e\x04", "AQ17"),
    ],
)
def test_the_name_on_a_label_is_found(raw: str, first: str) -> None:
    assert scanned_names(raw)[0] == first


def test_the_raw_text_is_tried_last() -> None:
    assert scanned_names("]C110AQ17") == ("AQ17", "10AQ17", "]C110AQ17")


@pytest.mark.parametrize("raw", ["", "  ", "\x1d", "\x00\x04"])
def test_nothing_readable_gives_no_name(raw: str) -> None:
    assert scanned_names(raw) == ()


@pytest.mark.parametrize("raw", ["]d2XX", "]d2", "]C110", "]d22", "[)>\x1e06\x1d?\x1e\x04"])
def test_a_broken_label_still_gives_its_text(raw: str) -> None:
    assert scanned_names(raw)[-1] == raw.translate(dict.fromkeys(range(32)))


@given(st.text(max_size=600))
def test_any_text_is_read_without_a_fault(raw: str) -> None:
    assert all(name and name == name.strip() for name in scanned_names(raw))
