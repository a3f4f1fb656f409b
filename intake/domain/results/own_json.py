"""Our own result format as JSON: `test-results-1`, one session over many units."""

from __future__ import annotations

from collections.abc import Mapping

from intake.domain.errors import FileRefusedError
from intake.domain.results.nodes import Node
from intake.domain.results.session import (
    LeftOut,
    Measurement,
    Session,
    SessionWords,
    UnitReport,
)
from lots.domain.words import BinKind
from supplychain.base.errors import MalformedError
from testing.domain.records import BinRecord

FORMAT = "test-results-1"
SMALL_MAX = 255


def read_own(document: Node) -> Session:
    """FileRefusedError for what holds for the whole file; a bad unit is left out by itself."""
    try:
        if document.at("format").text() != FORMAT:
            raise FileRefusedError(f"The document does not say that its format is {FORMAT}.")
        words = _words(document)
        defaults = {one.name: one for one in map(_defined_test, document.at("tests").items())}
        bins = tuple(_bin(one) for one in document.at("bins").items())
        nodes = document.at("units").items()
    except MalformedError as error:
        raise FileRefusedError(error.detail, **error.fields) from error
    units, left_out = [], []
    for position, node in enumerate(nodes, start=1):
        try:
            units.append(_unit(position, node, defaults))
        except MalformedError as error:
            left_out.append(LeftOut(position, "unit", error.detail))
    return Session(words, tuple(units), tuple(left_out), bins)


def _words(document: Node) -> SessionWords:
    return SessionWords(
        lot=document.at("lot").text(),
        step=document.at("step").text(),
        product=document.at("product").text(),
        sublot=document.at("sublot").text(),
        tester=document.at("tester").required_text(),
        tester_model=document.at("tester_model").text(),
        load_board=document.at("load_board").text(),
        program=document.at("program").required_text(),
        revision=document.at("revision").text(),
        temperature_celsius=document.at("temperature_celsius").number(),
        started_at=document.at("started_at").instant(),
        finished_at=document.at("finished_at").instant(),
    )


def _defined_test(node: Node) -> Measurement:
    return Measurement(
        name=node.at("name").required_text(),
        outcome=node.at("outcome").outcome(),
        number=node.at("number").whole() or 0,
        units=node.at("units").text(),
        low=node.at("low").number(),
        high=node.at("high").number(),
    )


def _bin(node: Node) -> BinRecord:
    kind, number, passes = node.at("kind"), node.at("number").whole(), node.at("passes")
    if kind.text() not in set(BinKind):
        raise kind.refusal("hard or soft")
    if number is None:
        raise node.at("number").refusal("a whole number")
    return BinRecord(
        kind=BinKind(kind.text()),
        number=number,
        name=node.at("name").text(),
        passes=None if passes.is_null else passes.truth(),
    )


def _unit(position: int, node: Node, defaults: Mapping[str, Measurement]) -> UnitReport:
    return UnitReport(
        position=position,
        serial=node.at("serial").required_text(),
        outcome=node.at("outcome").outcome(),
        measurements=tuple(_measurement(one, defaults) for one in node.at("tests").items()),
        hard_bin=node.at("hard_bin").whole(),
        soft_bin=node.at("soft_bin").whole(),
        head=node.at("head").whole(SMALL_MAX) or 1,
        site=node.at("site").whole(SMALL_MAX) or 0,
        is_retest=node.at("retest").truth(),
        test_seconds=node.at("test_seconds").number(),
        attachments=tuple(one.at("name").required_text() for one in node.at("attachments").items()),
    )


def _measurement(node: Node, defaults: Mapping[str, Measurement]) -> Measurement:
    """Limits and units of the unit's own line, else of the list of tests."""
    name = node.at("name").required_text()
    known = defaults.get(name)
    value, low, high = (node.at(word).number() for word in ("value", "low", "high"))
    if known is not None:
        low, high = known.low if low is None else low, known.high if high is None else high
    has_member = isinstance(node.value, dict) and "value" in node.value
    return Measurement(
        name=name,
        outcome=node.at("outcome").outcome(),
        value=value,
        is_numeric=has_member or low is not None or high is not None,
        number=node.at("number").whole() or (known.number if known else 0),
        units=node.at("units").text() or (known.units if known else ""),
        low=low,
        high=high,
    )
