"""What each asset is carried at, out of what its lot is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from finance.domain.money import rounded


def shares(amount: Decimal, count: int) -> list[Decimal]:
    """The amount over as many equal units, to six places; the last takes the rest. count ≥ 1."""
    each = rounded(amount / count)
    return [each] * (count - 1) + [amount - each * (count - 1)]


@dataclass(frozen=True, slots=True)
class Asset:
    """One serial under construction or in service. chips: packages built into it.

    in_service_on, accepted_seq: the plant day and lots event of its acceptance; None before it.
    rack, slot: where it is placed now; "" and None when nowhere. serial "": so many units of the
    lot as cannot be told apart, for it has no serials, or others than the books carry units.
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
    chips: int
    kilowatts: float | None
    amount: Decimal
    quantity: int = 1

    @property
    def amount_per_chip(self) -> Decimal | None:
        """None without chips."""
        return rounded(self.amount / self.chips) if self.chips else None


@dataclass(frozen=True, slots=True)
class AssetSum:
    """Assets of one item and account. kilowatts: None while the draw of one is not known."""

    item: str
    account: str
    quantity: int
    chips: int
    kilowatts: float | None
    amount: Decimal

    @property
    def amount_per_chip(self) -> Decimal | None:
        """None without chips."""
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
            sum(asset.chips for asset in own),
            _kilowatts(own),
            sum((asset.amount for asset in own), Decimal(0)),
        )
        for (item, account), own in sorted(found.items())
    ]


def _kilowatts(assets: Sequence[Asset]) -> float | None:
    known = [asset.kilowatts for asset in assets if asset.kilowatts is not None]
    return sum(known) if len(known) == len(assets) else None
