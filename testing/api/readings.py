"""Readings of tests, from storage: pages of JSON, or whole as a file."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from supplychain.base.errors import MalformedError
from supplychain.base.keyset import CURSOR_CHARACTERS_MAX
from supplychain.base.tables import TableView, table_answer, table_responses
from testing.api.counting import (
    RUN_LABEL,
    SUPERSEDED_LABEL,
    WITHDRAWN_LABEL,
    that_are_asked,
)
from testing.models import Parameter, Run
from testing.selectors.tables import (
    READING_COLUMNS,
    Place,
    ReadingPiece,
    Wanted,
    reading_pieces,
    schema_of,
)

LIMIT_DEFAULT, LIMIT_MAX = 1000, 10_000
ID_MAX = 2**63 - 1
TEXT_CHARACTERS_MAX = 255
TRUTHS = {"true": True, "false": False}
TEXT = {"type": "string", "minLength": 1, "maxLength": TEXT_CHARACTERS_MAX}


class ParameterReadingSerializer(serializers.Serializer[Any]):
    """One executed test of one part. value: base units; null where nothing was measured."""

    lot = serializers.CharField()
    step = serializers.CharField()
    run = serializers.CharField(help_text="SHA-256 of its file.")
    tester = serializers.CharField()
    started_at = serializers.DateTimeField()
    number = serializers.IntegerField()
    text = serializers.CharField()
    occurrence = serializers.IntegerField(help_text="0 for the first of its kind in a part.")
    units = serializers.CharField()
    part_index = serializers.IntegerField(help_text="Place of the part in the run.")
    head = serializers.IntegerField()
    site = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)
    flag = serializers.IntegerField(help_text="TEST_FLG as written.")
    outcome = serializers.CharField()


class ReadingPageSerializer(serializers.Serializer[Any]):
    """next: address of the next page; null on the last."""

    results = ParameterReadingSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class ReadingListView(TableView):
    """Readings of a test over lots, or of all tests of a run."""

    rights = "testing.view_readingfile"
    query_parameters = frozenset(
        {
            "lot",
            "step",
            "run",
            "product",
            "tester",
            "number",
            "text",
            "occurrence",
            "superseded",
            "withdrawn",
            "limit",
            "cursor",
        }
    )

    @extend_schema(
        summary="Readings: pages of JSON, or all as CSV, Parquet or Arrow",
        operation_id="reading_list",
        parameters=[
            OpenApiParameter("lot", TEXT, description="Lot code."),
            OpenApiParameter("step", TEXT, description="Step code."),
            OpenApiParameter("run", TEXT, description=RUN_LABEL),
            OpenApiParameter("product", TEXT, description="Product code of the program."),
            OpenApiParameter("tester", TEXT, description="Code of the tester."),
            OpenApiParameter(
                "number", {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
                description="Number of the test.",
            ),
            OpenApiParameter("text", TEXT, description="Text of the test."),
            OpenApiParameter(
                "occurrence", {"type": "integer", "minimum": 0, "maximum": 32767},
                description="Which of that number and text within a part, from 0.",
            ),
            OpenApiParameter("superseded", {"type": "boolean"}, description=SUPERSEDED_LABEL),
            OpenApiParameter("withdrawn", {"type": "boolean"}, description=WITHDRAWN_LABEL),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT},
                description="Rows on a page.",
            ),
            OpenApiParameter(
                "cursor", {"type": "string", "maxLength": CURSOR_CHARACTERS_MAX},
                description="Taken from `next` of the page before; opaque.",
            ),
        ],
        responses=table_responses(ReadingPageSerializer),
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponseBase:
        """Name a run, a lot, or a test by its number; otherwise it would be everything."""
        kind = self.streamed_kind(request)
        words = request.query_params.dict()
        found = wanted(words)
        if kind:
            batches = (piece.batch for piece in reading_pieces(found))
            return table_answer(batches, schema_of(READING_COLUMNS), kind, "readings")
        limit = _whole(words, "limit", 1, LIMIT_MAX) or LIMIT_DEFAULT
        after = decoded(words["cursor"]) if "cursor" in words else None
        rows, last = first_rows(reading_pieces(found, after), limit)
        address = None
        if last is not None:
            address = replace_query_param(request.build_absolute_uri(), "cursor", encoded(last))
        headers = {"Link": f'<{address}>; rel="next"'} if address else None
        body = {"results": rows, "next": address}
        return Response(ReadingPageSerializer(body).data, headers=headers)


def wanted(words: dict[str, str]) -> Wanted:
    """From the query. MalformedError for one that would be all there is, or a bad number."""
    number = _whole(words, "number", 0, 2**32 - 1)
    occurrence = _whole(words, "occurrence", 0, 32767)
    for name in ("lot", "step", "run", "product", "tester", "text"):
        if len(words.get(name, "")) > TEXT_CHARACTERS_MAX:
            raise MalformedError(
                f"{name} is longer than {TEXT_CHARACTERS_MAX} characters.", parameter=name
            )
    if not {"lot", "run", "number"} & set(words):
        raise MalformedError("Name a lot, a run or the number of a test.", parameter="lot")
    tests = {"number": number, "text": words.get("text"), "occurrence": occurrence}
    given = {name: value for name, value in tests.items() if value is not None}
    runs = {
        "lot_step__lot__code": words.get("lot"),
        "lot_step__step__code": words.get("step"),
        "key": words.get("run"),
        "revision__program__product__code": words.get("product"),
        "tester__code": words.get("tester"),
    }
    found = Run.objects.filter(
        _that_are_asked(words),
        **{name: value for name, value in runs.items() if value is not None},
    )
    return Wanted(found, Parameter.objects.filter(**given) if given else None)


def _that_are_asked(words: dict[str, str]) -> Q:
    """Runs that count; a run that is named in any case."""
    superseded, withdrawn = (_truth(words, name) for name in ("superseded", "withdrawn"))
    if "run" in words and superseded is None and withdrawn is None:
        return Q()
    return that_are_asked(superseded=superseded, withdrawn=withdrawn)


def _truth(words: dict[str, str], name: str) -> bool | None:
    word = words.get(name)
    if word is not None and word not in TRUTHS:
        raise MalformedError(f"{name} must be true or false.", parameter=name)
    return None if word is None else TRUTHS[word]


def _whole(words: dict[str, str], name: str, least: int, most: int) -> int | None:
    word = words.get(name)
    if word is None:
        return None
    if not (word.isascii() and word.isdigit() and least <= int(word[:12]) <= most):
        raise MalformedError(
            f"{name} must be a whole number from {least} to {most}.", parameter=name
        )
    return int(word[:12])


def first_rows(
    pieces: Iterator[ReadingPiece], limit: int
) -> tuple[list[dict[str, Any]], Place | None]:
    """So many rows, and the place of the last where more follow."""
    rows: list[dict[str, Any]] = []
    last: Place | None = None
    for piece in pieces:
        room = limit - len(rows)
        if not room:
            return rows, last
        rows += [_readable(row) for row in piece.batch.slice(0, room).to_pylist()]
        last = piece.places[min(room, len(piece.places)) - 1]
        if len(piece.places) > room:
            return rows, last
    return rows, None


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    return row if math.isfinite(row["value"]) else {**row, "value": None}


def encoded(place: Place) -> str:
    """As `next` holds it."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def decoded(word: str) -> Place:
    """MalformedError for a cursor that is none of ours."""
    place: Place | None = None
    try:
        padded = word[:CURSOR_CHARACTERS_MAX] + "=" * (-len(word) % 4)
        place = Place(*json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        place = None
    if place is None or not all(type(one) is int and 0 <= one <= ID_MAX for one in place):
        raise MalformedError(
            "cursor is not one of ours; take it unchanged from `next`.", parameter="cursor"
        )
    return place
