"""From what a recall asks to the rows it starts from."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence

from lots.models import Lot, Unit, Wafer
from operations.domain.recall_questions import Question
from operations.domain.recall_zones import PlacedDie, dies_in_zone
from operations.domain.words import Origin
from operations.selectors.recall import Suspects
from supplychain.base.errors import MissingError
from testing.selectors import burned_in, tested_on

NAMED_MAX = 5


def suspects_of(question: Question) -> Suspects:
    """Rows behind a question. MissingError naming what is not known here. At most two queries."""
    return SUSPECTS[question.origin](question)


def _lots(question: Question) -> Suspects:
    found = dict(Lot.objects.filter(code__in=question.names).values_list("code", "id"))
    _refuse_unknown("lot", question.names, found)
    return Suspects(lot_ids=sorted(found.values()))


def _wafers(question: Question) -> Suspects:
    return Suspects(wafer_ids=sorted(_wafer_ids(question.names).values()))


def _wafer_ids(names: Sequence[str]) -> dict[str, int]:
    found = dict(Wafer.objects.filter(code__in=names).values_list("code", "id"))
    _refuse_unknown("wafer", names, found)
    return found


def _zone(question: Question) -> Suspects:
    """Of wafers cut into dies; of a whole one, which cannot be told apart yet, the wafer."""
    assert question.zone is not None, "the question was checked"
    wafers = set(_wafer_ids(question.names).values())
    sizes: dict[int, tuple[float, float]] = {}
    dies: dict[int, list[PlacedDie]] = {}
    rows = (
        Unit.objects.filter(wafer_id__in=wafers)
        .order_by("id")
        .values_list("id", "wafer_id", "x", "y", "product__die_width_mm", "product__die_height_mm")
    )
    for pk, wafer, x, y, width, height in rows:
        assert wafer is not None
        assert x is not None
        assert y is not None
        dies.setdefault(wafer, []).append(PlacedDie(pk, x, y))
        sizes[wafer] = (width or 1, height or 1)
    chosen = [
        pk
        for wafer in sorted(dies)
        for pk in dies_in_zone(question.zone, dies[wafer], *sizes[wafer])
    ]
    return Suspects(wafer_ids=sorted(wafers - dies.keys()), unit_ids=chosen)


def _tester(question: Question) -> Suspects:
    assert question.since is not None, "the question was checked"
    assert question.until is not None, "the question was checked"
    touched = tested_on(question.equipment, question.since, question.until)
    return Suspects(wafer_ids=touched.wafer_ids, unit_ids=touched.unit_ids)


def _oven(question: Question) -> Suspects:
    assert question.load is not None, "the question was checked"
    touched = burned_in(question.load, question.board, question.socket)
    return Suspects(unit_ids=touched.unit_ids)


def _serials(question: Question) -> Suspects:
    found = dict(Unit.objects.filter(serial__in=question.names).values_list("serial", "id"))
    _refuse_unknown("unit", question.names, found)
    return Suspects(unit_ids=sorted(found.values()))


def _declared(question: Question) -> Suspects:
    """Units that their vendor says come from these lots or wafers of his."""
    found: dict[str, set[int]] = {}
    for column in ("declared_lot", "declared_wafer"):
        units = Unit.objects.filter(**{f"{column}__in": question.names})
        for name, pk in units.values_list(column, "id"):
            found.setdefault(name, set()).add(pk)
    _refuse_unknown("declared lot or wafer", question.names, found)
    return Suspects(unit_ids=sorted(set().union(*found.values())))


def _refuse_unknown(kind: str, names: Iterable[str], found: Container[str]) -> None:
    unknown = [name for name in names if name not in found]
    if unknown:
        named = ", ".join(unknown[:NAMED_MAX])
        rest = len(unknown) - NAMED_MAX
        raise MissingError(
            f"There is no {kind} {named}{f' and {rest} more' if rest > 0 else ''}. "
            "Check the spelling.",
            unknown=unknown[:NAMED_MAX],
        )


SUSPECTS: dict[Origin, Callable[[Question], Suspects]] = {
    Origin.LOT: _lots,
    Origin.WAFER: _wafers,
    Origin.ZONE: _zone,
    Origin.TESTER: _tester,
    Origin.OVEN: _oven,
    Origin.SERIALS: _serials,
    Origin.DECLARED: _declared,
}
