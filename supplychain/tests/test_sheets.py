from __future__ import annotations

import pytest

from supplychain.base.sheets import harmless


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_becomes_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "SRV4-0000", "a=1", "2026-03-02"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
