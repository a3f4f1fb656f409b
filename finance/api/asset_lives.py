"""The life of one asset: what happened to a serial, in the books and in the racks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from finance.api.reading import logged
from finance.api.registers import RegisterView
from finance.api.serializers import MoneyField
from finance.domain.asset_lives import AssetEvent
from finance.domain.words import AssetState, LifeStep
from finance.selectors.asset_lives import asset_life
from finance.selectors.ledger import watermark
from supplychain.base.choices import choices
from supplychain.base.snapshots import snapshot


class AssetEventSerializer(serializers.Serializer[AssetEvent]):
    """account, custodian, amount: after it; empty and null for what the books do not know."""

    on = serializers.DateField()
    step = serializers.ChoiceField(choices=choices(LifeStep))
    event_seq = serializers.IntegerField(
        allow_null=True, help_text="Of the lots ledger; null for a document of the books."
    )
    lot = serializers.CharField(allow_blank=True)
    account = serializers.CharField(allow_blank=True)
    custodian = serializers.CharField(allow_blank=True)
    change = MoneyField(help_text="Of what it is carried at: its share of its lot.")
    amount = MoneyField(allow_null=True)
    detail = serializers.CharField(allow_blank=True)


class AssetLifeSerializer(serializers.Serializer[Any]):
    as_of_seq = serializers.IntegerField()
    serial = serializers.CharField()
    item = serializers.CharField()
    state = serializers.ChoiceField(choices=choices(AssetState), allow_null=True)
    amount = MoneyField(help_text="What it is carried at.")
    results = AssetEventSerializer(many=True)


class AssetLifeView(RegisterView):
    """Construction, acceptance, moves, swaps of parts, and retirement of one serial."""

    @extend_schema(
        operation_id="finance_asset_life",
        summary="Life of an asset",
        responses=AssetLifeSerializer,
    )
    def get(self, request: Request, serial: str) -> HttpResponse:
        """By day; what the racks tell stands beside what the books tell."""
        with snapshot():
            life, mark = asset_life(serial), watermark(None)
        content = {
            "as_of_seq": mark.seq,
            "serial": life.unit.serial,
            "item": life.unit.product.code,
            "state": life.state,
            "amount": life.last.amount,
            "results": life.events,
        }
        shown = AssetLifeSerializer(content).data
        return logged(request, shown, len(life.events), mark.seq)
