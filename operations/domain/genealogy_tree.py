"""Genealogy as a tree that one can fold: many like parts stand together in one branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

GROUP_MIN = 9  # like parts beside one another, from which they fold into one line
OPEN_MAX = 24  # lines shown unfolded at first


@dataclass(frozen=True, slots=True)
class Link:
    """One edge with the unit at its far end, as a page shows it. until: None while it stands."""

    key: int
    reached_by: int | None
    serial: str
    beside: str
    kind: str
    product: str
    state: str
    is_declared: bool
    lot: str
    wafer: str
    x: int | None
    y: int | None
    position: str
    since: datetime
    until: datetime | None
    depth: int
    declared_lot: str = ""
    opened_seq: int = 0
    closed_seq: int | None = None

    @property
    def is_former(self) -> bool:
        """Whether it has ended."""
        return self.until is not None


@dataclass(slots=True)
class Branch:
    """A link with what follows, or a group of like ones under one line."""

    link: Link | None
    name: str = ""
    branches: list[Branch] = field(default_factory=list)
    is_open: bool = True

    @property
    def count(self) -> int:
        """Links in it and below it."""
        return sum(branch.count for branch in self.branches) + (self.link is not None)


def tree_of(links: Sequence[Link]) -> list[Branch]:
    """The links as they follow from one another, in their order; groups and large trees fold."""
    following: dict[int | None, list[Link]] = {}
    for link in links:
        following.setdefault(link.reached_by, []).append(link)
    is_small = len(links) <= OPEN_MAX
    return _grouped(_branches(None, following, is_small), is_open=is_small)


def _branches(
    key: int | None, following: dict[int | None, list[Link]], is_open: bool
) -> list[Branch]:
    return [
        Branch(
            link,
            branches=_grouped(_branches(link.key, following, is_open), is_open=is_open),
            is_open=is_open,
        )
        for link in following.get(key, [])
    ]


def _grouped(branches: list[Branch], *, is_open: bool) -> list[Branch]:
    by_product: dict[tuple[str, bool], list[Branch]] = {}
    for branch in branches:
        assert branch.link is not None, "groups are made of links"
        by_product.setdefault((branch.link.product, branch.link.is_former), []).append(branch)
    found: list[Branch] = []
    for (product, is_former), members in by_product.items():
        if len(members) < GROUP_MIN:
            found += members
            continue
        name = f"{len(members):,} {'former ' if is_former else ''}{product}"
        found.append(Branch(None, name, members, is_open))
    return found
