"""Whether failures in the field come from one lot, wafer, oven or rack more than chance explains.

Each group is judged by how many of its units failed against all units of the product, by the
hypergeometric upper tail (Fisher's exact test, one-sided), times the number of groups of its kind
that there are to look at (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from testing.domain.faults import upper_tail

METHOD = "fisher-upper-bonferroni-v1"


class Factor(StrEnum):
    """What units can have in common."""

    LOT = "lot"
    WAFER = "wafer"
    OVEN = "oven"
    RACK = "rack"


@dataclass(frozen=True, slots=True)
class Group:
    """Units with one lot, wafer, oven or rack in common. failed: serials, not more than units."""

    factor: Factor
    name: str
    row_id: int
    units: int
    failed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Population:
    """All units of a product in the field, how many failed, and the groups with several of them.

    families: factor → groups of it that there are.
    """

    units: int
    fails: int
    groups: tuple[Group, ...]
    families: Mapping[Factor, int]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group that fails more. expected: fails if groups made no difference. inside: groups whose
    failed units are all among this one's, and that show no more than it does."""

    group: Group
    expected: float
    p_value: float
    p_adjusted: float
    inside: tuple[Group, ...] = ()


def clusters(population: Population, alpha: float) -> list[Cluster]:
    """Groups beyond chance, the least likely first; one within another is told with it."""
    judged = sorted(
        (_judged(population, group) for group in population.groups),
        key=lambda one: (one.p_adjusted, -len(one.group.failed), one.group.name),
    )
    found: list[Cluster] = []
    for one in judged:
        if one.p_adjusted >= alpha:
            continue
        host = next((k for k, kept in enumerate(found) if _is_within(one, kept)), None)
        if host is None:
            found.append(one)
        else:
            found[host] = _with(found[host], one.group)
    return found


def _is_within(one: Cluster, kept: Cluster) -> bool:
    return one.group.failed <= kept.group.failed or one.group.failed >= kept.group.failed


def _with(cluster: Cluster, group: Group) -> Cluster:
    return Cluster(
        cluster.group, cluster.expected, cluster.p_value, cluster.p_adjusted,
        (*cluster.inside, group),
    )  # fmt: skip


def _judged(population: Population, group: Group) -> Cluster:
    fails = len(group.failed)
    units = min(group.units, population.units)
    p_value = upper_tail(fails, units, population.fails, population.units)
    family = max(population.families.get(group.factor, 1), 1)
    expected = population.fails * units / population.units
    return Cluster(group, expected, p_value, min(1.0, p_value * family))


def named(groups: Sequence[Group]) -> str:
    """Names of groups with their kind, for one line."""
    return ", ".join(f"{group.factor} {group.name}" for group in groups)
