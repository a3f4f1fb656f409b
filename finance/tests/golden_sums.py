"""The arithmetic of docs/golden-lot.md: how it writes numbers, and whether a sum is true."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

MINUS = "\u2212"
TIMES = "\u00d7"
OVER = "\u00f7"
EQUAL, NEARLY = "=", "\u2248"
PLACES = 6

NUMBER = re.compile(rf"({MINUS}?)(\d{{1,3}}(?:,\d{{3}})*(?:\.\d+)?)")


class SumError(ValueError):
    """Something on the page that is no sum."""


def counted(quantity: int, unit: str = "") -> str:
    """A number of units as the page writes it: thousands parted, a true minus."""
    sign = MINUS if quantity < 0 else ""
    return f"{sign}{abs(quantity):,} {unit}".rstrip()


def money(amount: Decimal) -> str:
    """To the cent, and as far beyond it as the amount goes."""
    whole, parts = f"{abs(amount):,.{PLACES}f}".split(".")
    sign = MINUS if amount < 0 else ""
    return f"{sign}{whole}.{parts.rstrip('0').ljust(2, '0')}"


def number(text: str) -> Fraction:
    """SumError for what is no number written in full."""
    found = NUMBER.fullmatch(text)
    if not found:
        raise SumError(f"{text!r} is no number")
    value = Fraction(found[2].replace(",", ""))
    return -value if found[1] else value


def numbers(text: str) -> set[Fraction]:
    """Every number in the text, without its sign."""
    return {abs(number(found[0])) for found in NUMBER.finditer(text)}


def is_true(text: str) -> bool:
    """Whether all sides of the sum are equal; after NEARLY stands what is rounded half to even.

    Sides hold numbers and the four operators, parted by single spaces. SumError for anything else.
    """
    first, *rest = re.split(f" ([{EQUAL}{NEARLY}]) ", text)
    if not rest:
        raise SumError(f"{text!r} says no result")
    left = _side(first)
    for sign, side in zip(rest[::2], rest[1::2], strict=True):
        right = _side(side)
        if right != (round(left, PLACES) if sign == NEARLY else left):
            return False
        left = right
    return True


def _side(text: str) -> Fraction:
    """Products first, then sums, each from the left."""
    words = text.split(" ")
    if len(words) % 2 == 0:
        raise SumError(f"{text!r} ends in the middle")
    total, product, sign = Fraction(0), number(words[0]), 1
    for operator, word in zip(words[1::2], words[2::2], strict=True):
        value = number(word)
        if operator == TIMES:
            product *= value
        elif operator == OVER and value:
            product /= value
        elif operator in {"+", MINUS}:
            total, product = total + sign * product, value
            sign = 1 if operator == "+" else -1
        else:
            raise SumError(f"{operator} {word} is not possible")
    return total + sign * product
