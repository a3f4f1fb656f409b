"""Test records as OpenHTF writes them to JSON: one unit, its phases and their measurements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from intake.domain.errors import FileRefusedError
from intake.domain.results.nodes import Node
from intake.domain.results.session import Measurement, Session, SessionWords, UnitReport
from supplychain.base.errors import MalformedError
from testing.domain.words import Outcome

PHASES = {
    "PASS": Outcome.PASS,
    "FAIL": Outcome.FAIL,
    "ERROR": Outcome.ERROR,
    "TIMEOUT": Outcome.TIMEOUT,
    "ABORTED": Outcome.ABORTED,
}
MEASURED = {**PHASES, "UNSET": Outcome.UNSET, "PARTIALLY_SET": Outcome.UNSET}
NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
LOW = re.compile(rf"^\s*{NUMBER}\s*<=\s*x\b")
HIGH = re.compile(rf"\bx\s*<=\s*{NUMBER}\s*$")
EQUAL = re.compile(rf"^\s*(?:x\s*==|==)\s*{NUMBER}\s*$")


@dataclass(slots=True)
class _Phases:
    measurements: list[Measurement] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    series: int = 0


def read_openhtf(document: Node) -> Session:
    """FileRefusedError with the place of what cannot be read: the file is one insertion."""
    try:
        phases = _Phases()
        for phase in document.at("phases").items():
            _read_phase(phase, phases)
        words = _words(document)
        unit = UnitReport(
            position=1,
            serial=document.at("dut_id").required_text(),
            outcome=_outcome(document),
            measurements=tuple(phases.measurements),
            test_seconds=_seconds(words),
            attachments=tuple(phases.attachments),
        )
    except MalformedError as error:
        raise FileRefusedError(error.detail, **error.fields) from error
    notes: tuple[str, ...] = ()
    if phases.series:
        notes = (f"{phases.series:,} measurements are series; their outcome is kept, not points.",)
    return Session(words, (unit,), notes=notes)


def _words(document: Node) -> SessionWords:
    given, code = document.at("metadata"), document.at("code_info")
    about = Node({}, "metadata") if given.is_null else given
    named = Node({}, "code_info") if code.is_null else code
    return SessionWords(
        lot=about.first("lot", "lot_id").text(),
        step=about.first("step", "test_step").text(),
        product=about.first("product", "part_number").text(),
        tester=document.at("station_id").required_text(),
        program=about.at("test_name").text() or named.at("name").required_text(),
        revision=about.first("test_version", "revision").text(),
        temperature_celsius=about.at("temperature_celsius").number(),
        started_at=document.at("start_time_millis").milliseconds(),
        finished_at=document.at("end_time_millis").milliseconds(),
    )


def _seconds(words: SessionWords) -> float | None:
    if words.started_at is None or words.finished_at is None:
        return None
    return (words.finished_at - words.started_at).total_seconds()


def _outcome(document: Node) -> Outcome:
    node = document.at("outcome")
    return Outcome.UNSET if node.is_null else _known(node, PHASES)


def _known(node: Node, words: dict[str, Outcome]) -> Outcome:
    word = node.text().rsplit(".", 1)[-1].upper()
    if word not in words:
        raise node.refusal(f"one of {', '.join(words)}")
    return words[word]


def _read_phase(phase: Node, phases: _Phases) -> None:
    name = phase.at("name").required_text()
    outcome = phase.at("outcome")
    phases.attachments += [attached for attached, _ in phase.at("attachments").members()]
    if outcome.value == "SKIP":
        return
    found = list(_measurements(phase, name, phases))
    if not found:
        verdict = Outcome.UNSET if outcome.is_null else _known(outcome, PHASES)
        found = [Measurement(name, verdict)]
    phases.measurements += found


def _measurements(phase: Node, name: str, phases: _Phases) -> Iterator[Measurement]:
    """A phase that went wrong without a measurement at fault is a test of its own besides."""
    for key, node in phase.at("measurements").members():
        if node.at("outcome").value == "SKIPPED":
            continue
        value, is_series = node.at("measured_value"), not node.at("dimensions").is_null
        phases.series += is_series
        is_numeric = isinstance(value.value, int | float) and not isinstance(value.value, bool)
        low, high = _limits(node)
        yield Measurement(
            name=f"{name}/{key}",
            outcome=_known(node.at("outcome"), MEASURED),
            value=value.number() if is_numeric and not is_series else None,
            is_numeric=is_numeric or low is not None or high is not None,
            units=_units(node.at("units")),
            low=low,
            high=high,
        )
    outcome = phase.at("outcome").value
    if outcome == "ERROR" and not phase.at("measurements").is_null:
        yield Measurement(name, Outcome.ERROR)


def _units(node: Node) -> str:
    """A suffix, or a descriptor that has one."""
    if isinstance(node.value, dict):
        return node.first("suffix", "name", "code").text()
    if isinstance(node.value, list):
        return next((str(one) for one in reversed(node.value) if one), "")
    return node.text()


def _limits(node: Node) -> tuple[float | None, float | None]:
    """As the validators write them; the narrowest of several."""
    low: list[float] = []
    high: list[float] = []
    for one in node.at("validators").items():
        text = one.value if isinstance(one.value, str) else ""
        if match := EQUAL.search(text):
            low.append(float(match[1]))
            high.append(float(match[1]))
        if match := LOW.search(text):
            low.append(float(match[1]))
        if match := HIGH.search(text):
            high.append(float(match[1]))
    return max(low, default=None), min(high, default=None)
