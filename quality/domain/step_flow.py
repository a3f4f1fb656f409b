"""What a step did to a lot: how many went in, were lost, were worked on twice, and went on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from lots.domain.words import LineKind, UnitOfMeasure, Verb
from quality.domain.yields import step_ratio

LOST = frozenset({LineKind.REJECT, LineKind.SCRAP, LineKind.LOSS})


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A step as flows see it. sequence: how far along its version of the route it is."""

    id: int
    version_id: int
    sequence: int
    is_free: bool = False

    def is_before(self, other: FlowStep) -> bool:
        """Whether to come here from the other is to go back; never where the order is free."""
        is_alike = self.version_id == other.version_id and not self.is_free
        return is_alike and self.sequence < other.sequence


@dataclass(frozen=True, slots=True)
class FlowLine:
    """One quantity of an event. counted: the part of it whose reason lowers the yield."""

    unit_of_measure: UnitOfMeasure
    kind: LineKind
    quantity: int
    counted: int


@dataclass(frozen=True, slots=True)
class FlowEvent:
    """What happened to a lot. is_own: not by what befell another lot that it gave to or took from.

    step_from: where it stood by what was known then. lines: of this lot.
    """

    seq: int
    occurred_at: datetime
    verb: Verb
    step_from: FlowStep | None
    step_to: FlowStep | None
    lines: tuple[FlowLine, ...] = ()
    is_own: bool = True


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

    def add(self, verb: Verb, line: FlowLine) -> None:
        if line.kind in LOST:
            self._lose(line.unit_of_measure, line.counted)
        elif line.kind is LineKind.BONUS:
            self._lose(line.unit_of_measure, -line.counted)
        elif line.kind is LineKind.GOOD and verb is Verb.REWORK_OUT:
            self.reworked = max(self.reworked, line.counted)

    def _lose(self, unit: UnitOfMeasure, count: int) -> None:
        self.lost[unit] = max(0, self.lost.get(unit, 0) + count)

    def flow(self) -> StepFlow | None:
        if self.left is None or self.unit_of_measure is None:
            return None
        lost = self.lost.get(self.unit_of_measure, 0)
        return StepFlow(self.left, lost, min(self.reworked, self.left), self.unit_of_measure)


@dataclass(slots=True)
class _Way:
    """A lot on its way: where it stands, what it has, and what each step did to it."""

    place: FlowStep | None
    unit_of_measure: UnitOfMeasure
    quantities: dict[UnitOfMeasure, int]
    tallies: dict[int, _Tally] = field(default_factory=dict)

    def count(self, event: FlowEvent) -> None:
        """Late news may tell of more that left than is known to have been there by then."""
        for line in event.lines:
            sign = {LineKind.GOOD: 1, LineKind.IN: -1}.get(line.kind, 0)
            before = self.quantities.get(line.unit_of_measure, 0)
            self.quantities[line.unit_of_measure] = before + sign * line.quantity

    def tell(self, event: FlowEvent) -> None:
        """What befell the lot at its step. Dies bad on the wafer are not lost at the saw."""
        if event.verb is Verb.DICE:
            self.unit_of_measure = UnitOfMeasure.DIE
        elif event.step_from is not None and self.place is not None:
            tally = self.tallies.setdefault(self.place.id, _Tally())
            for line in event.lines:
                tally.add(event.verb, line)

    def go(self, event: FlowEvent) -> None:
        """On, back, or to rework: what comes to a step once more has not left it yet."""
        place, step = self.place, event.step_to
        if place is None or step is None or step.id == place.id:
            self.place = step or place
            return
        if event.verb is not Verb.REWORK_OUT and not step.is_before(place):
            tally = self.tallies.setdefault(place.id, _Tally())
            tally.left = max(0, self.quantities.get(self.unit_of_measure, 0))
            tally.unit_of_measure = self.unit_of_measure
        self.place = step
        if step.id in self.tallies:
            self.tallies[step.id].left = None


def flows_of(events: Iterable[FlowEvent]) -> dict[int, StepFlow]:
    """Step → flow of one lot, in the order in which it came to them; only steps it has left.

    events: those that stand, the one that made the lot among them. They count where the lot stood
    when they happened, whenever they were told. What happened before the lot was there is counted
    with the lot that it came from. The last leaving counts. A bonus that counts brings back what
    was lost before, never more.
    """
    told = sorted(events, key=lambda event: event.seq)
    first = next((event for event in told if event.lines), None)
    if first is None:
        return {}
    began = {
        line.unit_of_measure: line.quantity for line in first.lines if line.kind is LineKind.IN
    }
    way = _Way(first.step_to or first.step_from, next(iter(began)), began)
    way.count(first)
    later = [event for event in told if event is not first]
    later.sort(key=lambda event: (event.occurred_at, event.seq))
    for event in later:
        way.count(event)
        if event.is_own and event.occurred_at < first.occurred_at:
            way.place = event.step_to or way.place
        elif event.is_own:
            way.tell(event)
            way.go(event)
    flows = {step_id: tally.flow() for step_id, tally in way.tallies.items()}
    return {step_id: flow for step_id, flow in flows.items() if flow is not None}
