"""A period's journal for the general ledger."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from finance.api.closes import VERSION_MAX
from finance.api.conditions import without_reading
from finance.api.parameters import ETAG
from finance.api.reading import BooksMixin, logged, read_of, told
from finance.api.serializers import UnitsField
from finance.domain.journal_formats import journal_rows, misfits
from finance.domain.queries import whole_number
from finance.domain.words import JournalFormat
from finance.selectors.journals import Journal, JournalQuery, journal_of, journal_source
from supplychain.base.errors import MalformedError, MissingError, RefusedError
from supplychain.base.sheets import written
from supplychain.base.tables import CSV, JSON, CsvRenderer

PARTS_MAX = 10_000


class GenericRenderer(CsvRenderer):
    """Every column we have; what `text/csv` means."""

    format = JournalFormat.GENERIC.value


class SapRenderer(CsvRenderer):
    """Asked for by its name, as the others are."""

    format = JournalFormat.SAP.value


class OracleRenderer(CsvRenderer):
    """By position, without names."""

    format = JournalFormat.ORACLE.value


class NetsuiteRenderer(CsvRenderer):
    """Amounts of ten digits before the point."""

    format = JournalFormat.NETSUITE.value


class WorkdayRenderer(CsvRenderer):
    """With control totals."""

    format = JournalFormat.WORKDAY.value


class CentsField(serializers.DecimalField):
    """Two decimals, as a string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=22, decimal_places=2, **options)


class JournalLineSerializer(serializers.Serializer[Any]):
    account = serializers.CharField(source="general.number")
    account_name = serializers.CharField(source="general.name")
    description = serializers.CharField()
    stage = serializers.CharField(allow_blank=True)
    item = serializers.CharField(allow_blank=True)
    custodian = serializers.CharField(allow_blank=True)
    unit_of_measure = serializers.CharField(allow_blank=True)
    quantity = UnitsField()
    amount = CentsField(help_text="Plus is a debit, minus a credit.")


class JournalPartSerializer(serializers.Serializer[Any]):
    format = serializers.ChoiceField(choices=[(word.value, word.value) for word in JournalFormat])
    parts = serializers.IntegerField(help_text="Entries that this format needs, each balanced.")


class JournalSerializer(serializers.Serializer[Any]):
    number = serializers.CharField(
        help_text="External id of a part: this, a hyphen and its number."
    )
    period = serializers.CharField()
    version = serializers.IntegerField()
    as_of_seq = serializers.IntegerField()
    profile = serializers.CharField()
    is_draft = serializers.BooleanField(
        help_text="Not to be booked: it may still change, or only compares."
    )
    posted_on = serializers.DateField()
    currency = serializers.CharField()
    debit = CentsField()
    credit = CentsField()
    formats = JournalPartSerializer(many=True)
    lines = JournalLineSerializer(many=True)


class JournalView(BooksMixin):
    """What a period moved, summarised to the cent, for the general ledger."""

    rights = "finance.view_ledgerentry"
    renderer_classes = [
        JSONRenderer, GenericRenderer, SapRenderer, OracleRenderer, NetsuiteRenderer,
        WorkdayRenderer,
    ]  # fmt: skip
    query_parameters = frozenset({"part", "version", "profile"})

    @extend_schema(
        summary="Journal of a period for the general ledger",
        parameters=[
            OpenApiParameter(
                "part", {"type": "integer", "minimum": 1, "maximum": PARTS_MAX, "default": 1},
                description="Which entry of the file format; JSON has them all.",
            ),
            OpenApiParameter(
                "version", {"type": "integer", "minimum": 1, "maximum": VERSION_MAX, "default": 1},
                description="Of the close. Version 1 is what is booked.",
            ),
            OpenApiParameter("profile", str, description="Another to try. Else the one in force."),
            ETAG,
        ],
        responses={(200, JSON): JournalSerializer, (200, CSV): OpenApiTypes.STR},
    )  # fmt: skip
    def get(self, request: Request, code: str) -> HttpResponse:
        """The same bytes for ever once the period is closed."""
        given = request.query_params.dict()
        version = whole_number(given, "version", 1, (1, VERSION_MAX))
        number = whole_number(given, "part", 1, (1, PARTS_MAX))
        kind = str(request.accepted_renderer.format)
        source = journal_source(JournalQuery(code, version, given.get("profile", "")))
        etag = f'"{source.sha256}-{kind}-{number}"'
        if unread := without_reading(request, etag, source.mark.seq):
            return unread
        found = journal_of(source)
        if kind == JSONRenderer.format:
            content = _content(found, code, version)
            return logged(request, content, len(found.lines), found.as_of_seq, tag=etag)
        return _file(request, found, number, etag)

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """A format nobody writes is the caller's error, not a missing page."""
        try:
            return super().perform_content_negotiation(request, force)
        except Http404 as error:
            raise MalformedError(
                f"format must be json, {', '.join(JournalFormat)}.", parameter="format"
            ) from error


def _content(found: Journal, code: str, version: int) -> Any:
    shown = {
        "number": found.head.number,
        "period": code,
        "version": version,
        "as_of_seq": found.as_of_seq,
        "profile": found.profile.code,
        "is_draft": found.is_draft,
        "posted_on": found.head.posted_on,
        "currency": found.head.currency,
        "debit": found.debit,
        "credit": found.debit,
        "formats": [
            {"format": target.value, "parts": len(found.parts(target))} for target in JournalFormat
        ],
        "lines": found.lines,
    }
    return JournalSerializer(shown).data


def _file(request: Request, found: Journal, number: int, etag: str) -> HttpResponse:
    target = JournalFormat(str(request.accepted_renderer.format))
    parts = found.parts(target)
    if not 1 <= number <= len(parts):
        raise MissingError(
            f"The journal has {len(parts)} parts as {target}; {number} is none of them.",
            parts=len(parts),
        )
    part = parts[number - 1]
    if unfit := misfits(target, found.head, part):
        raise RefusedError(
            f"{target} takes at most: {'; '.join(unfit)}. Shorten them in the posting profile, or "
            "take another format.",
            format=target.value,
        )
    text = "".join(written(journal_rows(target, found.head, part)))
    query = f"journals/{found.head.number}?{request.META.get('QUERY_STRING', '')}"
    read = read_of(request, query, target.value, found.as_of_seq)
    answer = HttpResponse(
        text.encode(),
        content_type=f"{CSV}; charset=utf-8",
        headers={"ETag": etag, "X-As-Of-Seq": str(found.as_of_seq)},
    )
    name = f"{found.head.external_id(part)}.{target}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return told(request, answer, read, len(part.lines))
