"""Reports of the WATS JSON format (WSJF): one unit's tree of steps, or a list of such reports.

Source: the public description of WSJF. Statuses: P passed, F failed, D done, S skipped, E error,
T terminated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from intake.domain.errors import FileRefusedError
from intake.domain.results.nodes import DEPTH_MAX, Node
from intake.domain.results.session import (
    LeftOut,
    Measurement,
    Session,
    SessionWords,
    UnitReport,
)
from supplychain.base.errors import MalformedError
from testing.domain.words import Outcome

STATUSES = {
    "P": Outcome.PASS,
    "F": Outcome.FAIL,
    "E": Outcome.ERROR,
    "T": Outcome.ABORTED,
    "D": Outcome.UNSET,
    "S": Outcome.UNSET,
}
JUDGED = ("P", "F", "E", "T")
BOTH = ("GELE", "GTLT", "GELT", "GTLE")
LOT_WORDS = ("lot", "lot number", "lot id", "batch")
SESSION_WORDS = ("lot", "step", "tester", "program", "revision")


@dataclass(slots=True)
class _Steps:
    """What walking a report brings together."""

    measurements: list[Measurement] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    passed_over: int = 0


def read_wats(document: Node) -> Session:
    """One insertion a report. Reports of another session than the first are left out."""
    reports = document.items() if isinstance(document.value, list) else [document]
    words: SessionWords | None = None
    units: list[UnitReport] = []
    left_out: list[LeftOut] = []
    passed_over = 0
    for position, report in enumerate(reports, start=1):
        try:
            own = _words(report)
            _refuse_other_session(own, words, report)
            unit, over = _unit(position, report)
        except MalformedError as error:
            left_out.append(LeftOut(position, "report", error.detail))
            continue
        words, passed_over = words or own, passed_over + over
        units.append(unit)
    if words is None:
        raise FileRefusedError(left_out[0].reason if left_out else "The list holds no report.")
    notes = (f"{passed_over:,} steps without a verdict are no tests.",) if passed_over else ()
    return Session(words, tuple(units), tuple(left_out), notes=notes)


def _refuse_other_session(own: SessionWords, first: SessionWords | None, report: Node) -> None:
    for name in SESSION_WORDS:
        if first is not None and getattr(own, name) != getattr(first, name):
            raise MalformedError(
                f"{report.path} is of {name} {getattr(own, name)!r}, the first report of "
                f"{getattr(first, name)!r}. Send one file a session.",
                field=name,
            )


def _words(report: Node) -> SessionWords:
    if report.at("type").text() not in ("", "T"):
        raise report.at("type").refusal("T, a test; reports of repairs are not taken")
    root = report.at("root")
    call, batch = _call(root), Node(None)
    if not report.at("uut").is_null:
        batch = report.at("uut").at("batchSN")
    return SessionWords(
        lot=_lot(report) or batch.text(),
        step=report.first("processName", "processCode").text(),
        product=report.at("pn").text(),
        tester=report.at("machineName").required_text(),
        tester_model=report.at("location").text(),
        program=call.at("name").text() or root.first("name").required_text(),
        revision=call.at("version").text(),
        started_at=report.first("startUTC", "start").instant(),
    )


def _call(root: Node) -> Node:
    call = root.at("seqCall")
    return Node({}, call.path) if call.is_null else call


def _lot(report: Node) -> str:
    for one in report.at("miscInfos").items():
        if one.at("description").text().lower() in LOT_WORDS:
            return one.first("text", "numeric").text()
    return ""


def _unit(position: int, report: Node) -> tuple[UnitReport, int]:
    result = report.at("result")
    if result.text() not in STATUSES:
        raise result.refusal(f"one of {', '.join(STATUSES)}")
    steps = _Steps()
    root = report.at("root")
    for step in root.at("steps").items():
        _walk(step, "", steps, 1)
    seconds = root.at("totTime").number()
    if seconds is None and not report.at("uut").is_null:
        seconds = report.at("uut").at("execTime").number()
    unit = UnitReport(
        position=position,
        serial=report.at("sn").required_text(),
        outcome=STATUSES[result.text()],
        measurements=tuple(steps.measurements),
        test_seconds=seconds,
        attachments=tuple(steps.attachments),
    )
    return unit, steps.passed_over


def _walk(step: Node, above: str, steps: _Steps, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise MalformedError(f"{step.path} is nested deeper than {DEPTH_MAX} steps.")
    name = f"{above}{step.at('name').text() or 'step'}"
    attachment = step.at("attachment")
    if not attachment.is_null:
        steps.attachments.append(attachment.at("name").text() or name)
    inner = step.at("steps").items()
    found = list(_measurements(step, name))
    steps.measurements += found
    for one in inner:
        _walk(one, f"{name}/", steps, depth + 1)
    if found or inner:
        return
    status = step.at("status").text()
    if status in JUDGED:
        steps.measurements.append(Measurement(name, STATUSES[status]))
    else:
        steps.passed_over += 1


def _measurements(step: Node, name: str) -> Iterator[Measurement]:
    numeric, others = step.at("numericMeas"), ("stringMeas", "booleanMeas")
    nodes = _listed(numeric)
    for node in nodes:
        low, high = _limits(node)
        yield Measurement(
            name=_inner(name, node),
            outcome=_status(node, step),
            value=node.at("value").number(),
            is_numeric=True,
            units=node.at("unit").text(),
            low=low,
            high=high,
        )
    for kind in others:
        for node in _listed(step.at(kind)):
            yield Measurement(_inner(name, node), _status(node, step))


def _listed(node: Node) -> list[Node]:
    """Single measurements are written as lists of one, by some as the one itself."""
    return [node] if isinstance(node.value, dict) else node.items()


def _inner(name: str, node: Node) -> str:
    own = node.at("name").text()
    return f"{name}/{own}" if own else name


def _status(node: Node, step: Node) -> Outcome:
    status = node.first("status")
    word = status.text() or step.at("status").text()
    if word not in STATUSES:
        raise status.refusal(f"one of {', '.join(STATUSES)}")
    return STATUSES[word]


def _limits(node: Node) -> tuple[float | None, float | None]:
    """Bounds of what passes; none where what lies between them fails, or nothing is compared."""
    word = node.at("compOp").text().upper()
    low, high = node.at("lowLimit").number(), node.at("highLimit").number()
    if word in ("", *BOTH):
        return low, high
    limit = low if low is not None else high
    if word == "EQ":
        return limit, limit
    if word in ("GE", "GT"):
        return limit, None
    return (None, limit) if word in ("LE", "LT") else (None, None)
