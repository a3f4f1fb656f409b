"""Two versions of a route side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lots.models import Lot, RouteVersion, Step
from lots.selectors.queues import limits_of, with_limits

FIELDS = (
    "name",
    "kind",
    "supplier",
    "days_min",
    "days_max",
    "requires_results",
    "gate_mode",
    "track_depth",
    "queue_hours_max",
    "sampling_every",
    "is_outsourced",
)


BEGINS = "Work begins"
"""What the limits between steps demand of the later one."""


class Difference(StrEnum):
    """How a step of one version stands to the other."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing said of a step, before and after."""

    name: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """A step in either version or both. cells: what is said of it, in the order of FIELDS,

    and the limits that lead to it. is_moved: it comes before or after other steps than it did.
    """

    code: str
    difference: Difference
    is_moved: bool
    before: Step | None
    after: Step | None
    cells: tuple[Cell, ...]

    @property
    def changes(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.is_changed)


def content_of(step: Step) -> tuple[object, ...]:
    """What a step is: its place, its code and everything compared."""
    said = [getattr(step, "supplier_id" if name == "supplier" else name) for name in FIELDS]
    return (step.sequence, step.code, *said)


def compare_routes(before: RouteVersion, after: RouteVersion) -> list[ComparedStep]:
    """Every step of both, in the order of the later one; what it dropped stands where it stood.

    A step is known by its code.
    """
    old, new = _steps(before), _steps(after)
    moved = _moved([code for code in old if code in new], [code for code in new if code in old])
    return [
        _compared(code, old.get(code), new.get(code), is_moved=code in moved)
        for code in _order(old, new)
    ]


def with_standing(versions: QuerySet[RouteVersion]) -> QuerySet[RouteVersion]:
    """The same versions with lot_count, of lots on each, and earlier_id and earlier_number.

    earlier: the version of the same route before it; both null for the first.
    """
    lots = Lot.objects.filter(route_version=OuterRef("pk")).order_by().values("route_version")
    count = Subquery(lots.annotate(count=Count("pk")).values("count"))
    earlier = RouteVersion.objects.filter(
        route=OuterRef("route"), version__lt=OuterRef("version")
    ).order_by("-version")
    return versions.select_related("route").annotate(
        lot_count=Coalesce(count, 0),
        earlier_id=Subquery(earlier.values("pk")[:1]),
        earlier_number=Subquery(earlier.values("version")[:1]),
    )


def _steps(version: RouteVersion) -> dict[str, Step]:
    steps = with_limits(version.steps.select_related("supplier").order_by("sequence"))
    return {step.code: step for step in steps}


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Codes outside the longest runs that kept their order. Both: the same codes."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept = {code for block in blocks for code in before[block.a : block.a + block.size]}
    return set(before) - kept


def _order(old: Mapping[str, Step], new: Mapping[str, Step]) -> list[str]:
    """New codes in order, each old one that is gone behind the one it followed."""
    order = list(new)
    previous = -1
    for code in old:
        if code in new:
            previous = order.index(code)
        else:
            previous += 1
            order.insert(previous, code)
    return order


def _compared(
    code: str, before: Step | None, after: Step | None, *, is_moved: bool
) -> ComparedStep:
    cells = tuple(Cell(_name(name), _said(before, name), _said(after, name)) for name in FIELDS)
    cells += (Cell(BEGINS, _begins(before), _begins(after)),)
    if before is None:
        difference = Difference.ADDED
    elif after is None:
        difference = Difference.REMOVED
    else:
        is_changed = any(cell.is_changed for cell in cells)
        difference = Difference.CHANGED if is_changed else Difference.SAME
    return ComparedStep(code, difference, is_moved, before, after, cells)


def _name(field: str) -> str:
    text = field.replace("_", " ")
    return text[:1].upper() + text[1:]


def _begins(step: Step | None) -> str:
    """The limits that lead to the step, in words."""
    limits = limits_of(step) if step else []
    return "; ".join(f"within {hours:g} h of the end of {first}" for first, hours in limits) or "—"


def _said(step: Step | None, name: str) -> str:
    """The value as people read it; "" for a step that is not there."""
    if step is None:
        return ""
    value = getattr(step, name)
    if hasattr(step, f"get_{name}_display"):
        return str(getattr(step, f"get_{name}_display")())
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is None:
        return "—"
    return f"{value:g}" if isinstance(value, float) else str(value)
