from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from intake.domain.words import FileState
from intake.models import RawFile
from supplychain.base.choices import choices


class FileFilter(filters.FilterSet):
    """The columns people look files up by."""

    state = filters.ChoiceFilter(
        "shown_state", choices=choices(FileState), label="`loading` while an attempt runs."
    )
    kind = filters.CharFilter(max_length=32, label="Format, such as `stdf` or `wip`.")
    lot = filters.CharFilter("lot__code", max_length=64, label="Code of the matched lot.")
    q = filters.CharFilter(method="by_prefix", max_length=255, label="Start of the name.")

    class Meta:
        model = RawFile
        fields: list[str] = []

    def by_prefix(self, files: QuerySet[RawFile], name: str, value: str) -> QuerySet[RawFile, Any]:
        return files.filter(name__startswith=value)
