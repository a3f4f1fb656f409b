from __future__ import annotations

from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from lots.domain.moments import Moment
from lots.selectors.as_of import refuse_future
from operations.domain.genealogy_drawing import GenealogyDrawing
from operations.domain.genealogy_folding import turned_of
from operations.forms.as_of import SeqForm
from operations.selectors.genealogy import (
    Genealogy,
    LotGenealogy,
    genealogy_of,
    lot_genealogy,
)
from operations.selectors.genealogy_knots import lot_drawing, unit_drawing
from operations.selectors.genealogy_rows import genealogy_rows, lot_rows
from operations.selectors.lots import lot_by_code, wafer_by_code
from operations.selectors.trace import material_origins, unit_by_serial
from operations.views.page import Page
from supplychain.base.errors import MalformedError
from supplychain.base.sheets import written

TABLE_ROWS_MAX = 500
CSV = "text/csv"
DRAWING = "operations/_genealogy_drawing.html"
AnyResponse = TypeVar("AnyResponse", HttpResponse, StreamingHttpResponse)


class GenealogyPage(Page):
    """Drawn, so that it folds; asked for the drawing only, nothing around it."""

    right = "lots.view_unit"

    @property
    def is_closed_too(self) -> bool:
        """Whether ended edges are wished too."""
        return self.request.GET.get("closed") == "1"

    @property
    def turned(self) -> frozenset[str]:
        """What is folded or unfolded otherwise than at first."""
        return turned_of(self.request.GET.get("turned", ""))

    def get_template_names(self) -> list[str]:
        """The page, or the drawing alone for a script that puts it into the page."""
        if self.request.GET.get("only") == "drawing":
            return [DRAWING]
        return super().get_template_names()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"is_closed_too": self.is_closed_too, **kwargs})


class UnitGenealogyPage(GenealogyPage):
    """One unit's genealogy: drawn, as a tree that folds, and as a table."""

    template_name = "operations/genealogy.html"

    def asked(self) -> SeqForm:
        """Which event the address asks for."""
        return SeqForm(self.request.GET if "as_of_seq" in self.request.GET else None)

    def genealogy(self, form: SeqForm) -> Genealogy:
        """As known at the event; MalformedError for one to come."""
        unit = unit_by_serial(self.kwargs["serial"])
        seq = form.cleaned_data["as_of_seq"] if form.is_valid() else None
        if seq is None:
            return genealogy_of(unit, is_closed_too=self.is_closed_too)
        moment = Moment(seq, None)
        refuse_future(moment)
        return genealogy_of(unit, is_closed_too=self.is_closed_too, moment=moment)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.asked()
        try:
            found, error = self.genealogy(form), None
        except MalformedError as future:
            found, error = self.genealogy(SeqForm(None)), future
        told = {"found": found, "form": form, "error": error}
        context = self.get_context_data(**told)
        return self.render_to_response(context, status=error.status if error else 200)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        genealogy, form, error = kwargs["found"], kwargs["form"], kwargs["error"]
        is_past = error is None and form.is_valid()
        parts = {
            "as_of_seq": form.cleaned_data["as_of_seq"] if is_past else None,
            "head_seq": error.fields["head_seq"] if error else None,
            "genealogy": genealogy,
            "drawing": unit_drawing(genealogy, self.turned),
            "unit": genealogy.unit,
            "name": genealogy.unit.serial,
            "material_origins": material_origins(genealogy.materials),
            "title": f"Genealogy of {genealogy.unit.serial}",
            "edges": [*genealogy.up, *genealogy.down][:TABLE_ROWS_MAX],
        }
        return super().get_context_data(**{**parts, **kwargs})


class UnitGenealogyCsv(UnitGenealogyPage):
    """Every edge as a row of a file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        genealogy = self.genealogy(self.asked())
        rows = written(genealogy_rows(genealogy))
        return as_file(HttpResponse(rows, content_type=CSV), genealogy.unit.serial)


class LotGenealogyPage(GenealogyPage):
    """Genealogy of a lot: lots both ways, its wafers and units, and what these are built into."""

    template_name = "operations/lot_genealogy.html"

    def genealogy(self) -> LotGenealogy:
        return self.found(self.request.GET.get("after", ""))

    def found(self, after: str) -> LotGenealogy:
        lot = lot_by_code(self.kwargs["code"])
        return lot_genealogy(lot, after=after, is_closed_too=self.is_closed_too)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        genealogy = self.genealogy()
        parts = {
            "genealogy": genealogy,
            "drawing": self.drawn(genealogy),
            "lot": genealogy.lot,
            "wafer": genealogy.wafer,
            "name": genealogy.name,
            "title": f"Genealogy of {genealogy.name}",
            "edges": genealogy.links[:TABLE_ROWS_MAX],
        }
        return super().get_context_data(**{**parts, **kwargs})

    def drawn(self, genealogy: LotGenealogy) -> GenealogyDrawing:
        asked = self.request.GET.copy()
        for name in ("turned", "only"):
            asked.pop(name, None)
        asked["after"] = genealogy.next_after
        return lot_drawing(genealogy, self.turned, f"?{asked.urlencode()}")


class WaferGenealogyPage(LotGenealogyPage):
    """Genealogy of a wafer: its lot and before, its dies, and what these are built into."""

    def found(self, after: str) -> LotGenealogy:
        wafer = wafer_by_code(self.kwargs["code"])
        return lot_genealogy(wafer.lot, wafer, after=after, is_closed_too=self.is_closed_too)


class LotGenealogyCsv(LotGenealogyPage):
    """Every link of a lot as a row of a file, with all its units."""

    def get(  # type: ignore[override]  # a file has no template
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> StreamingHttpResponse:
        genealogy = self.found("")
        rows = written(lot_rows(genealogy, is_closed_too=self.is_closed_too))
        return as_file(StreamingHttpResponse(rows, content_type=CSV), genealogy.name)


class WaferGenealogyCsv(LotGenealogyCsv, WaferGenealogyPage):
    """Every link of a wafer as a row of a file, with all its dies."""


def as_file(response: AnyResponse, name: str) -> AnyResponse:
    """A CSV to save, named for what it is of."""
    plain = "".join(one if one.isalnum() else "-" for one in name)
    response["Content-Disposition"] = f'attachment; filename="genealogy-{plain}.csv"'
    return response
