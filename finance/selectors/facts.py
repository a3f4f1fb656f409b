"""What posting has to know: events, what lots carry, and the book of a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet, Sum

from finance.domain.days import PeriodFacts
from finance.domain.facts import (
    Book,
    EventFacts,
    LineFacts,
    Lost,
    LotFacts,
    Revived,
    Standard,
)
from finance.domain.legs import Holdings, Leg, Position, Worth
from finance.domain.reasons import Reasons, missing, normal
from finance.domain.words import CARRYING, Account, EntryKind, PeriodState
from finance.models import (
    CostVersion,
    Entity,
    LedgerEntry,
    Period,
    PostingGap,
    StandardCost,
    WrittenDownLot,
)
from finance.selectors.lots_then import LotsThen, lots_then
from finance.selectors.rework import steps_left
from finance.selectors.rules import Places, approved_reasons, place_rows, places_in
from lots.domain.words import LineKind, LotPurpose, LotState, Title, Verb
from lots.models import Event, EventLine, Lot
from supplychain.base.errors import MissingError


@dataclass(frozen=True, slots=True)
class Standards:
    """Those of all suppliers, by item and stage, and those that a supplier has of its own."""

    of_all: dict[tuple[str, str], Standard] = field(default_factory=dict)
    own: dict[tuple[str, str, str], Standard] = field(default_factory=dict)

    @property
    def is_told(self) -> bool:
        """Whether there are any."""
        return bool(self.of_all or self.own)


@dataclass(frozen=True, slots=True)
class Costs:
    """Approved versions by first day, newest first; one is read when a day asks for it, once."""

    versions: tuple[tuple[date, str], ...]
    known: dict[date, Standards] = field(default_factory=dict)

    def on(self, day: date) -> tuple[str | None, Standards]:
        """The last version by that day that has costs, with them; none before the first."""
        for first_day, code in self.versions:
            if first_day <= day and (found := self._read(first_day)).is_told:
                return code, found
        return None, Standards()

    def _read(self, first_day: date) -> Standards:
        if first_day not in self.known:
            self.known[first_day] = _standards(first_day)
        return self.known[first_day]


@dataclass(frozen=True, slots=True)
class Books:
    """Everything configured, read once per batch. reasons: by first day, newest first."""

    entity: Entity
    zone: ZoneInfo
    periods: tuple[PeriodFacts, ...]
    places: Places
    costs: Costs
    reasons: tuple[tuple[date, Reasons], ...]
    stage_sequences: Mapping[str, int]

    def on(self, day: date) -> tuple[str | None, Book]:
        """Cost version in force on the day, and the day's book."""
        reasons: Reasons = next((rows for first, rows in self.reasons if first <= day), {})
        version, standards = self.costs.on(day)
        return version, Book(
            self.entity.code, self.places, standards.of_all, normal(reasons), missing(reasons),
            standards.own, self.stage_sequences,
        )  # fmt: skip


def books() -> Books:
    """MissingError when the books were never set up."""
    entity = Entity.objects.first()
    if entity is None:
        raise MissingError("The books have no entity. Run `manage.py load_reference`.")
    rows = place_rows()
    return Books(
        entity,
        ZoneInfo(entity.time_zone),
        tuple(
            PeriodFacts(row.code, row.starts_on, row.ends_on, PeriodState(row.state))
            for row in Period.objects.filter(state=PeriodState.OPEN)
        ),
        places_in(rows),
        Costs(_versions()),
        tuple(approved_reasons()),
        {row.stage: row.sequence for row in rows},
    )


def _versions() -> tuple[tuple[date, str], ...]:
    """Approved ones by first day, newest first; no two are from one day."""
    approved = CostVersion.objects.filter(approved_at__isnull=False)
    return tuple(approved.order_by("-effective_on").values_list("effective_on", "code"))


def _standards(first_day: date) -> Standards:
    """Of the approved version that applies from this day on."""
    costs = StandardCost.objects.filter(
        version__effective_on=first_day, version__approved_at__isnull=False
    )
    rows: Any = costs.order_by().values_list(
        "item_id", "stage_id", "supplier_id", "unit_cost", "yield_ratio"
    )
    found = Standards()
    for item, stage, supplier, cost, ratio in rows:
        if supplier is None:
            found.of_all[item, stage] = Standard(cost, ratio)
        else:
            found.own[item, stage, supplier] = Standard(cost, ratio)
    return found


def events_after(seq: int, limit: int) -> list[Event]:
    """The next events of the lots ledger with all that posting needs, in seq order."""
    return list(_whole(Event.objects.filter(seq__gt=seq)).order_by("seq")[:limit])


def owed_events(after_seq: int, limit: int) -> list[Event]:
    """Events with an open gap, in seq order."""
    owed = Event.objects.filter(posting_gap__closed_at__isnull=True, posting_gap__seq__gt=after_seq)
    return list(_whole(owed).order_by("seq")[:limit])


def events_of(seqs: Iterable[int]) -> list[Event]:
    """These events, in seq order."""
    return list(_whole(Event.objects.filter(seq__in=set(seqs))).order_by("seq"))


def _whole(events: QuerySet[Event]) -> QuerySet[Event]:
    lines = EventLine.objects.select_related("lot__product__supplier", "lot__custodian")
    return events.select_related(
        "actor",
        "lot__product__supplier",
        "lot__custodian",
        "lot__step__route_version",
        "step_to__route_version",
        "step_from__route_version",
        "corrects",
    ).prefetch_related(Prefetch("lines", lines))


def then_of(events: Iterable[Event]) -> LotsThen:
    """What the lots that the events touch were, event by event."""
    return lots_then(
        {
            pk
            for event in events
            for pk in (event.lot_id, *(row.lot_id for row in event.lines.all()))
        }
    )


def lots_of(event: Event) -> set[str]:
    """Codes of every lot the event touches."""
    return {event.lot.code, *(line.lot.code for line in event.lines.all())}


def lots_touched(seqs: Collection[int]) -> set[str]:
    """Codes of every lot that one of these events touches."""
    own = Event.objects.filter(seq__in=seqs).values_list("lot__code", flat=True)
    lines = EventLine.objects.filter(event__seq__in=seqs).values_list("lot__code", flat=True)
    return {*own.order_by(), *lines.order_by()}


def facts_of(
    event: Event,
    then: LotsThen,
    undone: tuple[Leg, ...] = (),
    written_down: Collection[str] = (),
) -> EventFacts:
    """The event as the posting rules see it. then: what its lots were when it had happened.

    undone: what the event it corrects has posted. written_down: codes of lots that are.
    """
    lots = {event.lot.code: event.lot} | {line.lot.code: line.lot for line in event.lines.all()}
    return EventFacts(
        verb=Verb(event.verb),
        lot=event.lot.code,
        step=_step_of(event),
        lots={
            code: LotFacts(
                code,
                lot.product.code,
                then.vendor(lot, event.seq),
                _is_valued(lot, then.purpose(lot, event.seq)),
                code in written_down,
            )
            for code, lot in lots.items()
        },
        lines=tuple(_line_facts(line) for line in event.lines.all()),
        custodian=_custodian(event, then),
        output_item=str(event.payload.get("die_product", "")),
        counted=event.reported_quantity,
        reason=event.reason,
        lost=tuple(
            Lost(str(row["reason"]), int(row["quantity"]))
            for row in event.payload.get("losses", [])
            if row["quantity"]
        ),
        bonus_reason=str(event.payload.get("bonus_reason", "")),
        undone=undone,
        revived=_revived(event),
        title_passes=event.verb == Verb.SHIP and title_passed(event.payload),
    )


def _step_of(event: Event) -> int:
    """Id of the step after it; of a lot on rework the one it left."""
    step = event.step_to or event.step_from or event.lot.step
    if step.route_version.is_rework:
        return steps_left({event.pk: (event.lot_id, event.seq)}).get(event.pk, step.pk)
    return step.pk


def _revived(event: Event) -> dict[str, Revived]:
    return {
        code: Revived(row["step"], row["custodian"], *_way_of(event, code, row["state"]))
        for code, row in event.payload.get("revived", {}).items()
    }


def _way_of(event: Event, lot: str, state: str) -> tuple[str, bool]:
    """Whom the lot goes to, "" for one that is not shipped, and whether title passed with it."""
    if state != LotState.SHIPPED:
        return "", False
    sent = Event.objects.filter(lot__code=lot, verb=Verb.SHIP, seq__lt=event.seq)
    payload = sent.order_by("-seq")[0].payload
    return str(payload["to"]), title_passed(payload)


def title_passed(payload: Mapping[str, Any]) -> bool:
    """Whether what was the vendor's became ours with that shipment."""
    return payload.get("title") == Title.ON_SHIPMENT


def seqs_undone(event: Event) -> list[int]:
    """Events whose postings this one takes back: what it corrects, or all that is told of an

    assembly before it is told anew; none for others.
    """
    if event.verb == Verb.CORRECT and event.corrects is not None:
        return [event.corrects.seq]
    if event.verb != Verb.REISSUE:
        return []
    assembly = event.payload["assembly"]
    earlier = Event.objects.filter(lot=event.lot_id, verb=Verb.REISSUE, seq__lt=event.seq)
    retold = earlier.filter(payload__assembly=assembly).order_by("seq")
    return [assembly, *retold.values_list("seq", flat=True)]


def legs_of(source_seq: int) -> tuple[Leg, ...]:
    """What an event of the lots ledger has posted, in the order of its lines."""
    return legs_by_event([source_seq]).get(source_seq, ())


def legs_by_event(source_seqs: Collection[int]) -> dict[int, tuple[Leg, ...]]:
    """The same of several events; those that posted nothing are left out."""
    found: dict[int, tuple[Leg, ...]] = {}
    for row in LedgerEntry.objects.filter(source_seq__in=source_seqs).order_by("seq"):
        assert row.source_seq is not None
        found[row.source_seq] = (*found.get(row.source_seq, ()), leg_of(row))
    return found


def leg_of(row: LedgerEntry) -> Leg:
    """A line of the ledger as the rules made it."""
    return Leg(
        EntryKind(row.kind),
        Position(
            Account(row.account),
            row.stage_id or "",
            row.item_id,
            row.unit_of_measure,
            row.owner,
            row.custodian_id,
        ),
        row.lot_id or "",
        row.quantity,
        row.amount,
        row.op_key,
    )


def lot_facts(lot: Lot) -> LotFacts:
    """As the lot is now: what it is, who has it or sells it, whether it is worth anything."""
    vendor = (lot.product.supplier or lot.custodian).code
    return LotFacts(lot.code, lot.product.code, vendor, _is_valued(lot, lot.purpose))


def _is_valued(lot: Lot, purpose: str) -> bool:
    return purpose != LotPurpose.ENGINEERING and not lot.product.is_engineering


def _line_facts(line: EventLine) -> LineFacts:
    return LineFacts(
        line.lot.code,
        line.unit_of_measure,
        LineKind(line.kind),
        line.quantity,
        line.expected,
    )


def _custodian(event: Event, then: LotsThen) -> str:
    """Who has the lot after it; "" leaves it with whoever has it, or has the parts of it."""
    if event.verb == Verb.SHIP:
        return str(event.payload["to"])
    if event.verb in {Verb.RECEIVE, Verb.BONUS}:
        return then.custodian(event.lot, event.seq)
    if event.verb in {Verb.ASSEMBLE, Verb.SWAP}:
        return str(event.payload.get("custodian", ""))
    return ""


def holdings_of(lots: Iterable[str]) -> Holdings:
    """What each of the lots carries now, summed from the ledger."""
    return holdings_in(LedgerEntry.objects.filter(lot__in=set(lots), account__in=CARRYING))


def holdings_in(entries: QuerySet[LedgerEntry], most: int | None = None) -> Holdings:
    """What the entries come to for each lot. most: lots and positions to stop after."""
    rows: Any = (
        entries.values("lot", "account", "stage", "item", "unit_of_measure", "owner", "custodian")
        .annotate(units=Sum("quantity"), money=Sum("amount"))
        .filter(~Q(units=0) | ~Q(money=0))
        .order_by("lot", "account", "stage", "unit_of_measure", "custodian")
    )
    holdings: Holdings = {}
    for row in rows[:most]:
        position = Position(
            Account(row["account"]),
            row["stage"] or "",
            row["item"],
            row["unit_of_measure"],
            row["owner"],
            row["custodian"],
        )
        holdings.setdefault(row["lot"], {})[position] = Worth(row["units"], row["money"])
    return holdings


def written_down_lots(lots: Iterable[str]) -> set[str]:
    """Those of the lots that carry something written down."""
    return set(WrittenDownLot.objects.filter(pk__in=set(lots)).values_list("pk", flat=True))


def waiting_lots(lots: Iterable[str], before_seq: int) -> set[str]:
    """Those of the lots that an owed event before this seq touches."""
    wanted = set(lots)
    owed = PostingGap.objects.filter(closed_at__isnull=True, seq__lt=before_seq).order_by()
    own = owed.filter(event__lot__code__in=wanted).values_list("event__lot__code", flat=True)
    lines = owed.filter(event__lines__lot__code__in=wanted)
    found: Any = own.union(lines.values_list("event__lines__lot__code", flat=True))
    return set(found) & wanted
