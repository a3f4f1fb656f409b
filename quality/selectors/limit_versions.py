"""Limit versions: lists, one with its history, and which of them counts for a lot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from quality.domain.limit_sets import LimitAsked, Proposal, in_force
from quality.domain.words import LimitKind
from quality.models import LimitLot, LimitVersion
from quality.selectors.series import SeriesKey
from supplychain.base.errors import MissingError

Key = tuple[SeriesKey, LimitKind, str]


@dataclass(frozen=True, slots=True)
class ApprovedLimits:
    """Approved versions by what they are about."""

    versions: dict[Key, list[LimitVersion]]

    def at(
        self, key: SeriesKey, kind: LimitKind, subject: str, moment: datetime
    ) -> LimitVersion | None:
        """The version that counts for a lot first tested then."""
        return in_force(self.versions.get((key, kind, subject), ()), moment)

    def all_at(
        self, key: SeriesKey, kinds: Collection[LimitKind], moment: datetime
    ) -> list[LimitVersion]:
        """Every version of these kinds that counts for the series then."""
        found = [
            in_force(versions, moment)
            for (series, kind, _), versions in self.versions.items()
            if series == key and kind in kinds
        ]
        return [version for version in found if version is not None]


NO_LIMITS = ApprovedLimits({})


def approved_limits(keys: Iterable[SeriesKey], kinds: Collection[LimitKind]) -> ApprovedLimits:
    """Of these series. One query; versions of other steps of the products come with it unasked."""
    wanted = set(keys)
    rows = (
        LimitVersion.objects.filter(
            product__in={key.product_id for key in wanted},
            kind__in=sorted(kinds),
            approved_at__isnull=False,
        )
        .select_related("product", "parameter")
        .order_by("pk")
    )
    found: dict[Key, list[LimitVersion]] = defaultdict(list)
    for row in rows:
        key = SeriesKey(row.product_id, row.step_code)
        if key in wanted:
            found[key, LimitKind(row.kind), row.subject].append(row)
    return ApprovedLimits(dict(found))


def limit_versions() -> QuerySet[LimitVersion]:
    """Every version with what a list shows of it, the newest of each limit first."""
    return LimitVersion.objects.select_related(
        "product", "parameter", "prepared_by", "approved_by", "withdrawn_by"
    ).order_by("product__code", "step_code", "kind", "subject", "-number")


def limit_version(pk: int) -> LimitVersion:
    """With the lots it was computed from, oldest first. MissingError for none."""
    lots = LimitLot.objects.select_related("lot", "lot_step__lot").order_by("pk")
    found = limit_versions().prefetch_related(Prefetch("lots", lots)).filter(pk=pk).first()
    if found is None:
        raise MissingError("There is no such limit version.")
    return found


def siblings(version: LimitVersion) -> QuerySet[LimitVersion]:
    """All versions of the same limit, the newest first."""
    return limit_versions().filter(
        product=version.product_id,
        step_code=version.step_code,
        kind=version.kind,
        subject=version.subject,
    )


def asked_by(version: LimitVersion) -> LimitAsked:
    """What it was prepared to judge."""
    kind = LimitKind(version.kind)
    return LimitAsked(
        product_id=version.product_id,
        step_code=version.step_code,
        kind=kind,
        subject=version.subject,
        parameter_id=version.parameter_id,
        lots_max=version.lots_max,
        units_min=version.units_min,
        sigmas=version.sigmas,
        share_min=version.share_min,
        count_min=version.count_min,
        ratio_min=version.low if kind is LimitKind.SPEC else None,
    )


def limits_of(version: LimitVersion) -> Proposal:
    """What was computed for it."""
    return Proposal(
        low=version.low,
        middle=version.middle,
        high=version.high,
        sigma=version.sigma,
        method=version.method,
        is_provisional=version.is_provisional,
    )
