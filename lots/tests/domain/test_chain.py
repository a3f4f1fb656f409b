from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.domain.chain import FIRST_SHA256, body_sha256, canonical, event_sha256
from lots.domain.commands import Part

CONTENT = st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=4)


@given(CONTENT)
def test_order_of_keys_does_not_matter(content: dict[str, object]) -> None:
    backwards = dict(reversed(list(content.items())))
    assert body_sha256(content) == body_sha256(backwards)


@given(CONTENT, CONTENT)
def test_other_content_has_another_hash(one: dict[str, object], other: dict[str, object]) -> None:
    same = event_sha256(FIRST_SHA256, one) == event_sha256(FIRST_SHA256, other)
    assert same == (canonical(one) == canonical(other))


def test_event_vouches_for_the_one_before() -> None:
    assert event_sha256("a" * 64, {}) != event_sha256("b" * 64, {})


def test_one_instant_has_one_spelling() -> None:
    here = datetime(2025, 3, 1, 10, tzinfo=timezone(timedelta(hours=2)))
    assert canonical({"at": here}) == canonical({"at": datetime(2025, 3, 1, 8, tzinfo=UTC)})


def test_plain_values_are_spelled_out() -> None:
    content = {"day": date(2025, 3, 1), "id": UUID(int=1), "part": Part("S1", "D0")}
    assert canonical(content) == (
        b'{"day":"2025-03-01","id":"00000000-0000-0000-0000-000000000001",'
        b'"part":{"position":"D0","serial":"S1"}}'
    )


@pytest.mark.parametrize("value", [object(), Part])
def test_what_has_no_one_spelling_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no place in the chain"):
        canonical({"value": value})
