"""Failures in the field that cluster, and parts that came back without a new test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lots.models import Genealogy
from notices.domain.words import Severity
from quality.detectors.frame import Evidence, Finding, first_of, resting_on
from quality.detectors.thresholds import thresholds
from quality.selectors.issues import rule_parameters
from racks.domain.clusters import METHOD, Cluster, Factor, clusters, named
from racks.selectors import FieldFailure, field_failures, population, untested_returns

SERIALS_MAX = 50
RETURNS_MAX = 500


@dataclass(frozen=True, slots=True)
class Thresholds:
    """days: how far back. alpha: over all groups of a kind. fails_min: fewer are no cluster."""

    days: int = 365
    alpha: float = 0.001
    fails_min: int = 3


class FieldFailuresCluster:
    """Parts swapped out of what stood in racks, product by product."""

    code = "field-failures-cluster"
    description = "Parts that failed in the field share a lot, wafer, oven or rack beyond chance."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding for each group that explains failures no other one explains better."""
        limits = thresholds(Thresholds, rule_parameters(self.code))
        products: dict[int, list[FieldFailure]] = defaultdict(list)
        read = field_failures(now - timedelta(days=limits.days))
        for failure in read:
            products[failure.product_id].append(failure)
        found = [
            _finding(cluster, failures, limits)
            for product_id, failures in products.items()
            if len(failures) >= limits.fails_min
            for cluster in clusters(
                population(product_id, failures, limits.fails_min), limits.alpha
            )
        ]
        return resting_on(found, read)


class RedeployedUntested:
    """Parts that were swapped out, and are built in again without a result in between."""

    code = "redeployed-untested"
    description = "A part that was taken out of something is built in again without a new test."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding for each part."""
        edges = first_of(untested_returns(), RETURNS_MAX)
        return resting_on((_untested(edge) for edge in edges), edges)


def _finding(cluster: Cluster, failures: Sequence[FieldFailure], limits: Thresholds) -> Finding:
    group, product = cluster.group, failures[0].product
    serials = sorted(group.failed)
    return Finding(
        cause_key=f"{FieldFailuresCluster.code}:{product}:{group.factor}:{group.name}",
        title=(
            f"{len(serials)} of {len(failures)} field failures of {product} are of "
            f"{group.factor} {group.name}, {cluster.expected:.1f} expected"
        ),
        severity=Severity.CRITICAL,
        lot_id=group.row_id if group.factor is Factor.LOT else None,
        wafer_id=group.row_id if group.factor is Factor.WAFER else None,
        revision=f"{len(serials)} failed",
        evidence=Evidence(
            statistic="parts that failed in the field",
            value=len(serials),
            limit=cluster.expected,
            n=group.units,
            method=METHOD,
            p_value=cluster.p_value,
            p_adjusted=cluster.p_adjusted,
            facts={
                "product": product,
                group.factor.value: group.name,
                "failed_of_the_product": len(failures),
                "since_days": limits.days,
                "confounders": named(cluster.inside) or "none seen",
                "serials": serials[:SERIALS_MAX],
                "racks": sorted({one.rack for one in failures if one.serial in group.failed}),
            },
        ),
    )


def _untested(edge: Genealogy) -> Finding:
    part, host = edge.child, edge.parent
    return Finding(
        cause_key=f"{RedeployedUntested.code}:{part.serial}",
        title=f"{part.serial} was taken out, and is built into {host.serial} without a new test",
        lot_id=part.lot_id,
        unit_id=part.pk,
        revision=f"built in {edge.valid_from.isoformat()}",
        evidence=Evidence(
            statistic="results since it was taken out",
            value=0,
            limit=1,
            n=1,
            method="result-after-swap-v1",
            facts={
                "product": part.product.code,
                "built_into": host.serial,
                "built_in_at": edge.valid_from.isoformat(),
                "position": edge.position,
            },
        ),
    )
