"""Money: Decimal with six places, in one currency per entity, rounded half to even."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

CENT_MILLIONTH = Decimal("0.000001")
ZERO = Decimal("0.000000")
AMOUNT_LIMIT = Decimal(10) ** 14
"""What an amount of twenty digits, six of them decimals, stays below."""


def rounded(amount: Decimal) -> Decimal:
    """The amount to six places, half to even, so that many roundings do not drift one way.

    Never minus zero, which the database stores as zero: the row's hash is of its text.
    """
    return amount.quantize(CENT_MILLIONTH, rounding=ROUND_HALF_EVEN) + ZERO


def share(amount: Decimal, part: int, whole: int) -> Decimal:
    """The part's share of an amount that the whole carries; all of it for the whole.

    The rounding stays with what is left behind: share + rest = amount, always. 0 ≤ part ≤ whole.
    """
    assert 0 <= part <= whole, (part, whole)
    if part == whole:
        return amount
    return rounded(amount * part / whole)


def worth(unit_cost: Decimal, quantity: int) -> Decimal:
    """Quantity at a unit cost. Exact: a unit cost has six places and a quantity none."""
    return rounded(unit_cost * quantity)


def expected_count(gross: int, ratio: Decimal) -> int:
    """Units that the standard yield promises of gross units, half to even."""
    return int((ratio * gross).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
