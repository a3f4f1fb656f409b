"""Django choices from plain enums, so that domain code can name states without Django."""

from __future__ import annotations

from enum import StrEnum


def label(word: StrEnum) -> str:
    """The word as people read it: `final-test` is "Final test"."""
    text = word.value.replace("-", " ")
    return text[:1].upper() + text[1:]


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    """Value and label of every member, in order of definition."""
    return [(word.value, label(word)) for word in words]
