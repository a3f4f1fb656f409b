from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.domain.entries import COLUMNS
from finance.models import LedgerRow


class UnitsField(serializers.DecimalField):
    """Whole units, as a string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=20, decimal_places=0, **options)


class MoneyField(serializers.DecimalField):
    """Six decimals, as a string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=26, decimal_places=6, **options)


class LedgerRowSerializer(serializers.ModelSerializer[LedgerRow]):
    is_prior_period = serializers.BooleanField()

    class Meta:
        model = LedgerRow
        fields = list(COLUMNS)


class LedgerPageSerializer(serializers.Serializer[Any]):
    as_of_seq = serializers.IntegerField(help_text="Rows beyond it were not looked at.")
    next = serializers.URLField(allow_null=True, help_text="The next page, as of the same seq.")
    results = LedgerRowSerializer(many=True)


class BucketSerializer(serializers.Serializer[Any]):
    account = serializers.CharField(source="bucket.account")
    stage = serializers.CharField(source="bucket.stage", allow_null=True)
    item = serializers.CharField(source="bucket.item")
    unit_of_measure = serializers.CharField(source="bucket.unit_of_measure")
    owner = serializers.CharField(source="bucket.owner")
    custodian = serializers.CharField(source="bucket.custodian")


class BalanceSerializer(BucketSerializer):
    quantity = UnitsField()
    amount = MoneyField()


class BalancesSerializer(serializers.Serializer[Any]):
    as_of_seq = serializers.IntegerField()
    as_of_date = serializers.DateField(allow_null=True)
    total_amount = MoneyField(help_text="Over all accounts: zero.")
    results = BalanceSerializer(many=True)


class RolledUnitsSerializer(serializers.Serializer[Any]):
    opening = UnitsField()
    incoming = UnitsField()
    outgoing = UnitsField()
    closing = UnitsField()
    check = UnitsField(help_text="opening + incoming - outgoing - closing: zero.")


class RolledMoneySerializer(serializers.Serializer[Any]):
    opening = MoneyField()
    incoming = MoneyField()
    outgoing = MoneyField()
    closing = MoneyField()
    check = MoneyField(help_text="opening + incoming - outgoing - closing: zero.")


class RolledBucketSerializer(BucketSerializer):
    quantity = RolledUnitsSerializer()
    amount = RolledMoneySerializer()


class RollforwardSerializer(serializers.Serializer[Any]):
    period = serializers.CharField()
    as_of_seq = serializers.IntegerField()
    results = RolledBucketSerializer(many=True)
