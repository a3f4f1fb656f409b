"""What acts on dispositions share: a key that is answered once, locks, and the issue's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from lots.domain.chain import body_sha256
from lots.domain.commands import Command
from lots.models import Lot
from quality.domain.dispositions import DispositionOrder, Standing
from quality.domain.findings import Json
from quality.domain.words import DispositionKind, IssueEventKind
from quality.models import Disposition, DispositionAct, Issue
from quality.services.history import Act, locked, write_act
from quality.services.telling import tell_proposed
from supplychain.base.errors import ConflictError, ReusedKeyError


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, under which key, and what was asked as one number."""

    command: Command
    body: str

    @property
    def actor_id(self) -> int:
        assert self.command.actor_id is not None, "people decide on material"
        return self.command.actor_id

    def actor(self) -> User:
        return User.objects.get(pk=self.actor_id)


def asked_of(command: Command, wish: Mapping[str, object]) -> Asked:
    """The caller's own words where a door takes them, or the wish itself."""
    return Asked(command, command.asked_sha256 or body_sha256(wish))


def answered_before(asked: Asked) -> Disposition | None:
    """The disposition this key was used on; ConflictError when other words were said with it.

    Asked under the lock of the issue, so that the first of two simultaneous callers is seen.
    """
    key = asked.command.op_key
    earlier = DispositionAct.objects.select_related("disposition").filter(op_key=key).first()
    if earlier is not None and earlier.asked_sha256 != asked.body:
        raise _conflict(key)
    return earlier.disposition if earlier else None


def locked_disposition(disposition: Disposition) -> tuple[Issue, Disposition]:
    """Both as they stand now; the issue is locked first, as everywhere."""
    issue = locked(disposition.issue)
    rows = Disposition.objects.select_for_update(of=("self",)).select_related("lot")
    return issue, rows.get(pk=disposition.pk)


def remember(
    issue: Issue,
    disposition: Disposition,
    kind: IssueEventKind,
    asked: Asked,
    note: str,
    **facts: Json,
) -> None:
    """Write the act into the issue's history, under its key."""
    evidence: dict[str, Json] = {"disposition": disposition.number, **facts}
    at = asked.command.occurred_at
    event = write_act(issue, Act(kind, at, asked.actor_id, note, evidence))
    if kind is IssueEventKind.PROPOSED:
        tell_proposed(issue, event, disposition)
    try:
        with transaction.atomic():
            DispositionAct.objects.create(
                disposition=disposition,
                event=event,
                op_key=asked.command.op_key,
                asked_sha256=asked.body,
            )
    except IntegrityError as error:  # at once, on another issue
        raise _conflict(asked.command.op_key) from error


def end(disposition: Disposition, asked: Asked, note: str = "") -> None:
    """Save its last state, with who brought it there and why."""
    disposition.ended_by_id, disposition.ended_at = asked.actor_id, asked.command.occurred_at
    disposition.end_note = note
    disposition.save(update_fields=["state", "ended_by", "ended_at", "end_note"])


def order_of(disposition: Disposition) -> DispositionOrder:
    """What was proposed, as it was asked."""
    return DispositionOrder(
        kind=DispositionKind(disposition.kind),
        lot=disposition.lot.code,
        reason=disposition.reason,
        wafers=tuple(disposition.wafers),
        serials=tuple(disposition.serials),
        **disposition.details,
    )


def standing_of(lot: Lot) -> Standing:
    """Where the lot stands now."""
    return Standing(
        route=str(lot.route_version),
        step=lot.step.code,
        state=str(lot.state),
        quantity=lot.quantity,
        custodian=lot.custodian.code,
    )


def _conflict(key: str) -> ConflictError:
    return ReusedKeyError(
        f"Operation {key} was used before with other content. Use a new key.", op_key=key
    )
