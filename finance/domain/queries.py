"""What a reader may ask of the ledger, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from finance.domain.words import Account, AssetState
from supplychain.base.errors import MalformedError

SEQ_MAX = 2**63 - 1
PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class LedgerQuery:
    """Rows after_seq < seq ≤ as_of_seq (None: up to the head), at most limit of them."""

    limit: int
    after_seq: int = 0
    as_of_seq: int | None = None
    period: str = ""
    account: str = ""


def ledger_query(given: Mapping[str, str], limit_default: int, limit_max: int) -> LedgerQuery:
    """From query parameters. MalformedError naming the first that is wrong."""
    return LedgerQuery(
        limit=whole_number(given, "limit", limit_default, (1, limit_max)),
        after_seq=whole_number(given, "after_seq", 0, (0, SEQ_MAX)),
        as_of_seq=as_of_seq(given),
        period=period_code(given) if "period" in given else "",
        account=_account(given) if "account" in given else "",
    )


def as_of_seq(given: Mapping[str, str]) -> int | None:
    """The last seq the reader wants to know of; None for all there is."""
    return whole_number(given, "as_of_seq", 0, (0, SEQ_MAX)) if "as_of_seq" in given else None


def as_of_date(given: Mapping[str, str]) -> date | None:
    """The last effective day the reader wants to know of; None for all."""
    if "as_of_date" not in given:
        return None
    year, month, day = _digits(given["as_of_date"])
    try:
        return date(year, month, day)
    except ValueError as error:
        raise MalformedError(
            "as_of_date must be a day such as 2026-11-30.", parameter="as_of_date"
        ) from error


def _digits(word: str) -> tuple[int, int, int]:
    """Year, month and day as written; zeros, which are no day, for anything else."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", word)
    return (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)


def period_code(given: Mapping[str, str]) -> str:
    """A month such as 2026-11."""
    if PERIOD.fullmatch(given.get("period", "")):
        return given["period"]
    raise MalformedError("period must be a month such as 2026-11.", parameter="period")


def asset_state(given: Mapping[str, str]) -> AssetState | None:
    """Which assets the reader wants; None for what stands."""
    if "state" not in given:
        return None
    if given["state"] in list(AssetState):
        return AssetState(given["state"])
    known = ", ".join(AssetState)
    raise MalformedError(f"There is no such state. Known: {known}.", parameter="state")


def whole_number(given: Mapping[str, str], name: str, default: int, span: tuple[int, int]) -> int:
    """The parameter as a whole number within the closed span."""
    word = given.get(name, str(default))
    low, high = span
    if re.fullmatch(r"[0-9]{1,19}", word) and low <= int(word) <= high:
        return int(word)
    raise MalformedError(f"{name} must be a whole number from {low} to {high}.", parameter=name)


def _account(given: Mapping[str, str]) -> str:
    if given["account"] in list(Account):
        return given["account"]
    known = ", ".join(Account)
    raise MalformedError(f"There is no such account. Known: {known}.", parameter="account")
