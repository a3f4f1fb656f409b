"""What a step did to a lot: how many went in, were lost, were worked on twice, and went on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lots.domain.words import LineKind, UnitOfMeasure, Verb
from quality.domain.yields import step_ratio

LOST = frozenset({LineKind.REJECT, LineKind.SCRAP, LineKind.LOSS})


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One quantity of an event at a step. counted: the part of it whose reason lowers the yield."""

    verb: Verb
    step_from_id: int
    step_to_id: int | None
    unit_of_measure: UnitOfMeasure
    kind: LineKind
    quantity: int
    counted: int

    @property
    def leaves(self) -> bool:
        """Whether these units went on; those on rework come back to the step or before it."""
        is_elsewhere = self.step_to_id not in {None, self.step_from_id}
        return self.kind is LineKind.GOOD and is_elsewhere and self.verb is not Verb.REWORK_OUT


@dataclass(frozen=True, slots=True)
class StepFlow:
    """One lot at one step it has left, in one unit of measure.

    left: good units that went on. lost: those lost for reasons that count, less what was found
    again. reworked: of those that went on, the ones sent to rework for a reason that counts.
    """

    left: int
    lost: int
    reworked: int
    unit_of_measure: UnitOfMeasure

    @property
    def entered(self) -> int:
        """Units whose fate at the step is known; what was split off is counted with the child."""
        return self.left + self.lost

    @property
    def ratio(self) -> float | None:
        """(n - lost) / n; None when nothing entered."""
        return step_ratio(self.entered, self.lost)

    @property
    def first_time_ratio(self) -> float | None:
        """(n - lost - reworked) / n; None when nothing entered."""
        return step_ratio(self.entered, self.lost, self.reworked)


@dataclass(slots=True)
class _Tally:
    left: int | None = None
    unit_of_measure: UnitOfMeasure | None = None
    lost: dict[UnitOfMeasure, int] = field(default_factory=dict)
    reworked: int = 0

    def add(self, line: FlowLine) -> None:
        if line.kind in LOST:
            self._lose(line.unit_of_measure, line.counted)
        elif line.kind is LineKind.BONUS:
            self._lose(line.unit_of_measure, -line.counted)
        elif line.leaves:
            self.left, self.unit_of_measure = line.quantity, line.unit_of_measure
        elif line.verb is Verb.REWORK_OUT:
            self.reworked = max(self.reworked, line.counted)

    def _lose(self, unit: UnitOfMeasure, count: int) -> None:
        self.lost[unit] = max(0, self.lost.get(unit, 0) + count)

    def flow(self) -> StepFlow | None:
        if self.left is None or self.unit_of_measure is None:
            return None
        lost = self.lost.get(self.unit_of_measure, 0)
        return StepFlow(self.left, lost, min(self.reworked, self.left), self.unit_of_measure)


def flows_of(lines: Iterable[FlowLine]) -> dict[int, StepFlow]:
    """Step → flow of one lot, in the order of the lines' first mention; only steps it has left.

    lines: in the order of the ledger. The last leaving counts. A bonus that counts brings back what
    was lost before, never more.
    """
    tallies: dict[int, _Tally] = {}
    for line in lines:
        tallies.setdefault(line.step_from_id, _Tally()).add(line)
    flows = {step_id: tally.flow() for step_id, tally in tallies.items()}
    return {step_id: flow for step_id, flow in flows.items() if flow is not None}
