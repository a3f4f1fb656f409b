"""Burn-in logs: one load of an oven, its sensors and its sockets, as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, Any

from intake.domain.errors import FileRefusedError, WaitingError
from intake.domain.tables import instant_of
from intake.feeds.lookups import lot_by_code, step_of
from intake.services.registry import FeedContext, FeedItem, RejectedItem, plain_name
from supplychain.base.errors import MalformedError, MissingError
from testing.domain.records import BurnInRecord, BurnInUnitRecord, LogLine
from testing.domain.words import Outcome
from testing.services import record_burn_in, sockets_off_layout

FORMAT = "burn-in-1"
MARK = b'"burn-in-1"'


class BurnInFeed:
    """A whole document is one item; it waits for its lot and units to be known."""

    kind = "burn-in"

    def recognises(self, name: str, head: bytes) -> bool:
        return plain_name(name).endswith(".burnin.json") or MARK in head[:200]

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        document = read_document(stream, FORMAT)
        try:
            finished_at = _instant(document, "finished_at")
        except MalformedError as error:
            yield RejectedItem(1, error.detail)
            return
        key = f"{self.kind}:{document.get('lot')}:{document.get('oven')}:{finished_at.isoformat()}"
        yield FeedItem(1, key, document, finished_at)

    def apply(self, item: FeedItem, context: FeedContext) -> str | None:
        words = item.content
        lot = lot_by_code(text_of(words, "lot"))
        record = BurnInRecord(
            lot_id=lot.pk,
            step_id=step_of(lot, text_of(words, "step")).pk,
            oven=text_of(words, "oven"),
            started_at=_instant(words, "started_at"),
            finished_at=_instant(words, "finished_at"),
            source_sha256=context.sha256,
            units=tuple(_unit(unit) for unit in list_of(words, "units")),
            log=tuple(_log_line(line) for line in list_of(words, "log")),
        )
        try:
            return sockets_off_layout(record_burn_in(record)) or None
        except MissingError as error:
            raise WaitingError(error.detail, **error.fields) from error


def read_document(stream: IO[bytes], wanted: str) -> dict[str, Any]:
    """A JSON object of this format. FileRefusedError otherwise."""
    try:
        document = json.load(stream)
    except (ValueError, RecursionError) as error:
        raise FileRefusedError(
            f"The file is no JSON ({error}); it was probably cut. Send it again."
        ) from error
    if not isinstance(document, dict) or document.get("format") != wanted:
        raise FileRefusedError(f"The document does not say that its format is {wanted}.")
    return document


def text_of(words: Mapping[str, Any], name: str) -> str:
    """A text that is there. MalformedError otherwise."""
    value = words.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedError(f"{name} is {value!r}; it must be a text.", field=name)
    return value


def list_of(words: Mapping[str, Any], name: str) -> list[Any]:
    """A list. MalformedError otherwise."""
    value = words.get(name)
    if not isinstance(value, list):
        raise MalformedError(f"{name} must be a list.", field=name)
    return value


def _instant(words: Mapping[str, Any], name: str) -> datetime:
    return instant_of(text_of(words, name), name)


def _unit(words: Any) -> BurnInUnitRecord:
    if not isinstance(words, dict):
        raise MalformedError("Each of units must be an object.", field="units")
    try:
        outcome = Outcome(text_of(words, "outcome"))
    except ValueError as error:
        known = ", ".join(Outcome)
        raise MalformedError(
            f"{words['outcome']!r} is no outcome. Known: {known}.", field="outcome"
        ) from error
    return BurnInUnitRecord(
        serial=text_of(words, "serial"),
        board=text_of(words, "board"),
        socket=str(words.get("socket", "")),
        inserted_at=_instant(words, "inserted_at"),
        removed_at=_instant(words, "removed_at"),
        outcome=outcome,
    )


def _log_line(line: Any) -> LogLine:
    if not isinstance(line, list) or len(line) != 3:
        raise MalformedError("Each line of log must be [time, celsius, volt].", field="log")
    return LogLine(instant_of(str(line[0]), "log"), _number(line[1]), _number(line[2]))


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedError(f"{value!r} in log is no number.", field="log")
    return float(value)
