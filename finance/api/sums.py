from __future__ import annotations

from dataclasses import astuple
from decimal import Decimal

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from finance.api import parameters
from finance.api.conditions import tag_of, without_reading
from finance.api.reading import BooksMixin, logged
from finance.api.serializers import BalancesSerializer, RollforwardSerializer
from finance.domain.queries import as_of_date, as_of_seq, period_code
from finance.selectors.balances import balances, opening_of, rolled_from
from finance.selectors.ledger import watermark


class BalancesView(BooksMixin):
    """What every account holds, by stage, item, owner and custodian."""

    rights = "finance.view_ledgerentry"
    query_parameters = frozenset({"as_of_seq", "as_of_date"})

    @extend_schema(
        summary="Balances as of a seq and a day",
        parameters=[parameters.AS_OF_SEQ, parameters.AS_OF_DATE],
        responses=BalancesSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """Every bucket that is not empty."""
        given = request.query_params.dict()
        mark, day = watermark(as_of_seq(given)), as_of_date(given)
        tag = tag_of(request, mark.sha256)
        if unread := without_reading(request, tag, mark.seq):
            return unread
        rows = balances(mark.seq, day)
        content = {
            "as_of_seq": mark.seq,
            "as_of_date": day,
            "total_amount": sum((row.amount for row in rows), Decimal(0)),
            "results": rows,
        }
        shown = BalancesSerializer(content).data
        return logged(request, shown, len(rows), mark.seq, tag=tag)


class RollforwardView(BooksMixin):
    """Opening + in - out = closing of what is carried, over a period."""

    rights = "finance.view_ledgerentry"
    query_parameters = frozenset({"as_of_seq", "period"})

    @extend_schema(
        summary="Roll-forward of a period",
        parameters=[parameters.PERIOD_REQUIRED, parameters.AS_OF_SEQ],
        responses=RollforwardSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """Every bucket that held or moved something."""
        given = request.query_params.dict()
        period, mark = period_code(given), watermark(as_of_seq(given))
        opening = opening_of(period, mark.seq)
        tag = tag_of(request, mark.sha256, astuple(opening))
        if unread := without_reading(request, tag, mark.seq):
            return unread
        rows = rolled_from(opening, mark.seq)
        content = {"period": period, "as_of_seq": mark.seq, "results": rows}
        shown = RollforwardSerializer(content).data
        return logged(request, shown, len(rows), mark.seq, tag=tag)
