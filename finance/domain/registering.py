"""What each asset is carried at, out of what its lot is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from finance.domain.money import rounded
from finance.domain.words import Account, AssetState

Number = TypeVar("Number", int, float)
STATES = {
    Account.CONSTRUCTION: AssetState.CONSTRUCTION,
    Account.FIXED_ASSET: AssetState.SERVICE,
    Account.RETIREMENT: AssetState.RETIRED,
}


def shares(amount: Decimal, count: int) -> list[Decimal]:
    """The amount over as many equal units, to six places; the last takes the rest. count ≥ 1."""
    each = rounded(amount / count)
    return [each] * (count - 1) + [amount - each * (count - 1)]


@dataclass(frozen=True, slots=True)
class Asset:
    """One serial under construction, in service or retired. chips: packages built into it.

    in_service_on, accepted_seq: the plant day and lots event of its acceptance; None before it.
    retired_on, retired_seq: of its retirement. rack, slot: where it is placed now; "" and None when
    nowhere. kilowatts: typical draw of all units; None where not known. serial "": so many units of
    the lot as cannot be told apart, for it has no serials, or others than the books carry units;
    nobody knows their chips. quantity is minus for so many that were retired and came back.
    """

    serial: str
    item: str
    lot: str
    account: str
    custodian: str
    in_service_on: str | None
    accepted_seq: int | None
    site: str
    rack: str
    slot: int | None
    chips: int | None
    kilowatts: float | None
    amount: Decimal
    quantity: int = 1
    retired_on: str | None = None
    retired_seq: int | None = None

    @property
    def state(self) -> AssetState:
        """Where in its life it is."""
        return STATES[Account(self.account)]

    @property
    def amount_per_chip(self) -> Decimal | None:
        """None without chips."""
        return rounded(self.amount / self.chips) if self.chips else None


@dataclass(frozen=True, slots=True)
class AssetSum:
    """Assets of one item and account. chips, kilowatts: None while those of one are not known."""

    item: str
    account: str
    quantity: int
    chips: int | None
    kilowatts: float | None
    amount: Decimal

    @property
    def state(self) -> AssetState:
        """Where in their life they are."""
        return STATES[Account(self.account)]

    @property
    def amount_per_unit(self) -> Decimal | None:
        """Of one server, UltraServer or system; None for no units."""
        return rounded(self.amount / self.quantity) if self.quantity else None

    @property
    def amount_per_chip(self) -> Decimal | None:
        """None without chips, and while they are not known."""
        return rounded(self.amount / self.chips) if self.chips else None

    @property
    def amount_per_megawatt(self) -> Decimal | None:
        """None while the draw is not known."""
        if not self.kilowatts:
            return None
        return rounded(self.amount * 1000 / Decimal(str(self.kilowatts)))


def asset_sums(assets: Sequence[Asset]) -> list[AssetSum]:
    """By item and account, in order."""
    found: dict[tuple[str, str], list[Asset]] = {}
    for asset in assets:
        found.setdefault((asset.item, asset.account), []).append(asset)
    return [
        AssetSum(
            item,
            account,
            sum(asset.quantity for asset in own),
            _whole([asset.chips for asset in own]),
            _whole([asset.kilowatts for asset in own]),
            sum((asset.amount for asset in own), Decimal(0)),
        )
        for (item, account), own in sorted(found.items())
    ]


def _whole(numbers: Sequence[Number | None]) -> Number | None:
    """The sum; None while one is not known."""
    known = [number for number in numbers if number is not None]
    return sum(known[1:], known[0]) if known and len(known) == len(numbers) else None
