"""Programs and their revisions with release state."""

from __future__ import annotations

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from supplychain.base.api import StrictQueryMixin
from supplychain.base.choices import choices
from testing.domain.words import ReleaseState
from testing.models import Program, ProgramRevision
from testing.selectors import listed_programs, listed_revisions


class ProgramSerializer(serializers.ModelSerializer[Program]):
    product = serializers.CharField(source="product.code")

    class Meta:
        model = Program
        fields = ["id", "code", "product"]


class ProgramRevisionSerializer(serializers.ModelSerializer[ProgramRevision]):
    product = serializers.CharField(source="program.product.code")
    program = serializers.CharField(source="program.code")
    prepared_by = serializers.CharField(
        source="prepared_by.username", default=None, allow_null=True
    )
    released_by = serializers.CharField(
        source="released_by.username", default=None, allow_null=True
    )
    retired_by = serializers.CharField(source="retired_by.username", default=None, allow_null=True)
    run_count = serializers.IntegerField(help_text="Runs under it.")
    first_run_at = serializers.DateTimeField(allow_null=True)
    last_run_at = serializers.DateTimeField(allow_null=True)
    page = serializers.SerializerMethodField(
        help_text="Address of its page, which shows what it changes against the one before."
    )

    class Meta:
        model = ProgramRevision
        fields = [
            "id", "product", "program", "revision", "state", "release_reason", "prepared_by",
            "prepared_at", "released_by", "released_at", "retired_by", "retired_at", "run_count",
            "first_run_at", "last_run_at", "page",
        ]  # fmt: skip

    def get_page(self, revision: ProgramRevision) -> str:
        path = f"/programs/{revision.pk}"
        request = self.context.get("request")
        return str(request.build_absolute_uri(path)) if request else path


class ProgramFilter(filters.FilterSet):
    product = filters.CharFilter("product__code", max_length=64, label="Product code.")
    code = filters.CharFilter("code", max_length=120, label="Name, as in the file.")

    class Meta:
        model = Program
        fields: list[str] = []


class ProgramRevisionFilter(filters.FilterSet):
    product = filters.CharFilter("program__product__code", max_length=64, label="Product code.")
    program = filters.CharFilter("program__code", max_length=120, label="Name of the program.")
    revision = filters.CharFilter("revision", max_length=120, label="Revision, as in the file.")
    state = filters.ChoiceFilter(choices=choices(ReleaseState))

    class Meta:
        model = ProgramRevision
        fields: list[str] = []


@extend_schema(summary="Test programs, newest first")
class ProgramListView(StrictQueryMixin, ListAPIView[Program]):
    queryset = listed_programs()
    serializer_class = ProgramSerializer
    filterset_class = ProgramFilter


@extend_schema(summary="Revisions of test programs with their release, newest first")
class ProgramRevisionListView(StrictQueryMixin, ListAPIView[ProgramRevision]):
    queryset = listed_revisions()
    serializer_class = ProgramRevisionSerializer
    filterset_class = ProgramRevisionFilter
