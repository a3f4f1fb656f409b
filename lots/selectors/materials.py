"""Which lots gave parts without serials to what was built, as is told now or was told then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from lots.domain.moments import Moment
from lots.domain.words import LineageKind, Verb
from lots.models import Event, LotLineage, MaterialUse

_SQL = Path(__file__).resolve().parent.parent / "sql"
_UNIT_MATERIALS = (_SQL / "unit_materials.sql").read_text()


@dataclass(frozen=True, slots=True)
class UsedMaterial:
    """Parts without serials that the assembly of a unit took from a lot.

    serial: of the unit, which may hold some. product: code of what the lot is of. quantity: taken
    for all units of that assembly, at event seq. retold_seq: of the reissue that says so, None
    where the assembly itself does.
    """

    serial: str
    lot_id: int
    lot_code: str
    product: str
    product_kind: str
    quantity: int
    seq: int
    occurred_at: datetime
    retold_seq: int | None = None


def uses_now() -> QuerySet[MaterialUse]:
    """Uses of material that hold: told last of their lot and assembly, and not taken back."""
    return MaterialUse.objects.filter(quantity__gt=0, replaced_by=None)


def uses_of(event: Event) -> QuerySet[MaterialUse]:
    """What the assembly took as told last, also where nothing is left of it; by lot."""
    return MaterialUse.objects.filter(event=event, replaced_by=None).order_by("lot__code")


def changes_of(event: Event, lot_code: str) -> list[tuple[datetime, int]]:
    """From when each word on the lot and the assembly counts, and what it added to the use."""
    told = MaterialUse.objects.filter(event=event, lot__code=lot_code)
    return [
        (
            datetime.fromisoformat(use.retold_by.payload["since"])
            if use.retold_by
            else event.occurred_at,
            use.quantity - (use.replaces.quantity if use.replaces else 0),
        )
        for use in told.select_related("replaces", "retold_by")
    ]


def links_now() -> QuerySet[LotLineage]:
    """Ancestry between lots but for what an assembly took by mistake, and for assemblies that were

    corrected, as lots_lineage_now_v2.
    """
    left = uses_now().filter(event=OuterRef("event"), lot=OuterRef("lot"))
    mistaken = (
        MaterialUse.objects.annotate(told_by=Coalesce("retold_by", "event"))
        .filter(lot=OuterRef("parent"), replaces=None, told_by=OuterRef("event"))
        .exclude(Exists(left))
    )
    corrected = Event.objects.filter(corrects=OuterRef("event"), verb=Verb.CORRECT)
    links = LotLineage.objects.exclude(Exists(mistaken), kind=LineageKind.ASSEMBLE)
    return links.exclude(Exists(corrected), kind=LineageKind.ASSEMBLE)


def materials_of(serials: Iterable[str], moment: Moment | None = None) -> list[UsedMaterial]:
    """Material that these units were built with, oldest assembly first. One query.

    moment: as was known at an event, or as it happened by a time; None as is known now.
    """
    asked = asdict(moment) if moment else {"seq": None, "happened_by": None}
    with connection.cursor() as cursor:
        cursor.execute(_UNIT_MATERIALS, {"serials": list(serials), **asked})
        return [UsedMaterial(*row) for row in cursor.fetchall()]
