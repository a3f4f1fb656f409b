"""File names as people describe them: `*` for any letters, `?` for one."""

from __future__ import annotations

import re


def name_regex(pattern: str) -> str:
    """The regular expression of a name pattern, alike to Python and to PostgreSQL.

    Letters match in either case only when the caller asks for it.
    """
    return f"^{''.join(_part(letter) for letter in pattern)}$"


def within_archive(regex: str) -> str:
    """The same for names that may stand behind that of an archive."""
    return f"^(.*/)?{regex.removeprefix('^')}"


def is_named(name: str, pattern: str) -> bool:
    """Whether the name fits the pattern, in either case."""
    return re.match(name_regex(pattern), name, re.IGNORECASE) is not None


def _part(letter: str) -> str:
    wild = {"*": ".*", "?": "."}
    if letter in wild:
        return wild[letter]
    return letter if letter.isalnum() or letter in "_ " else f"\\{letter}"
