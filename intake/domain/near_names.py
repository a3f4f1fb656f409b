"""Which known names a strange one was probably meant to be; a suggestion, never a match."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

NEAR_FROM = 0.72


def plain(name: str) -> str:
    """Letters and digits in upper case: what is left when writing habits are taken away."""
    return "".join(letter for letter in name.upper() if letter.isalnum())


def nearness(name: str, known: str) -> float:
    """1 for the same letters and digits, from 0 for nothing alike.

    A name inside the other counts as near: testers append sublots, wafers and dates.
    """
    asked, have = plain(name), plain(known)
    if not asked or not have:
        return 0.0
    if asked == have:
        return 1.0
    if have in asked or asked in have:
        return 0.9 if min(len(asked), len(have)) >= 4 else 0.0
    return SequenceMatcher(None, asked, have, autojunk=False).ratio()


def near_names(name: str, known: Iterable[str], at_most: int = 3) -> list[str]:
    """The nearest first, of equally near ones the first by name."""
    scored = ((nearness(name, one), one) for one in dict.fromkeys(known))
    near = sorted((-score, one) for score, one in scored if score >= NEAR_FROM)
    return [one for _, one in near[:at_most]]
