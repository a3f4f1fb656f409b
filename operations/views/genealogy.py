from __future__ import annotations

import csv
from typing import Any

from django.http import HttpRequest, HttpResponse

from operations.selectors.genealogy import Genealogy, genealogy_of, genealogy_rows
from operations.selectors.trace import material_origins, unit_by_serial
from operations.views.page import Page

TABLE_ROWS_MAX = 500


class UnitGenealogyPage(Page):
    """One unit's genealogy: drawn, as a tree that folds, and as a table."""

    template_name = "operations/genealogy.html"
    right = "lots.view_unit"

    def genealogy(self) -> Genealogy:
        unit = unit_by_serial(self.kwargs["serial"])
        return genealogy_of(unit, is_closed_too=self.request.GET.get("closed") == "1")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        genealogy = self.genealogy()
        parts = {
            "genealogy": genealogy,
            "unit": genealogy.unit,
            "material_origins": material_origins(genealogy.materials),
            "title": f"Genealogy of {genealogy.unit.serial}",
            "is_closed_too": self.request.GET.get("closed") == "1",
            "edges": [*genealogy.up, *genealogy.down][:TABLE_ROWS_MAX],
        }
        return super().get_context_data(**{**parts, **kwargs})


class UnitGenealogyCsv(UnitGenealogyPage):
    """Every edge as a row of a file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        genealogy = self.genealogy()
        response = HttpResponse(content_type="text/csv")
        name = "".join(one if one.isalnum() else "-" for one in genealogy.unit.serial)
        response["Content-Disposition"] = f'attachment; filename="genealogy-{name}.csv"'
        csv.writer(response).writerows(genealogy_rows(genealogy))
        return response
