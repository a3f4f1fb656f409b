from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

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
from operations.views.sheets import sheet_file, sheet_stream
from supplychain.base.errors import MalformedError

TABLE_ROWS_MAX = 500
DRAWING = "operations/_genealogy_drawing.html"


class GenealogyPage(Page, ABC):
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

    def asked(self) -> SeqForm:
        """Which event the address asks for."""
        return SeqForm(self.request.GET if "as_of_seq" in self.request.GET else None)

    def get_template_names(self) -> list[str]:
        """The page, or the drawing alone for a script that puts it into the page."""
        if self.request.GET.get("only") == "drawing":
            return [DRAWING]
        return super().get_template_names()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.asked()
        try:
            found, error = self.genealogy(moment_of(form)), None
        except MalformedError as future:
            found, error = self.genealogy(None), future
        told = {"genealogy": found, "form": form, "error": error}
        context = self.get_context_data(**told)
        return self.render_to_response(context, status=error.status if error else 200)

    @abstractmethod
    def genealogy(self, moment: Moment | None) -> Any:
        """What the page tells, as known at the moment; None for now."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, error = kwargs["form"], kwargs["error"]
        is_past = error is None and form.is_valid()
        parts = {
            "is_closed_too": self.is_closed_too,
            "as_of_seq": form.cleaned_data["as_of_seq"] if is_past else None,
            "head_seq": error.fields["head_seq"] if error else None,
        }
        return super().get_context_data(**{**parts, **kwargs})


def moment_of(form: SeqForm) -> Moment | None:
    """The event asked for; None for now, and for words that are no event.

    MalformedError for an event to come.
    """
    seq = form.cleaned_data["as_of_seq"] if form.is_valid() else None
    if seq is None:
        return None
    moment = Moment(seq, None)
    refuse_future(moment)
    return moment


class UnitGenealogyPage(GenealogyPage):
    """One unit's genealogy: drawn, as a tree that folds, and as a table."""

    template_name = "operations/genealogy.html"

    def genealogy(self, moment: Moment | None) -> Genealogy:
        unit = unit_by_serial(self.kwargs["serial"])
        return genealogy_of(unit, is_closed_too=self.is_closed_too, moment=moment)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        genealogy: Genealogy = kwargs["genealogy"]
        parts = {
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
        genealogy = self.genealogy(moment_of(self.asked()))
        return sheet_file(genealogy_rows(genealogy), f"genealogy-{genealogy.unit.serial}")


class LotGenealogyPage(GenealogyPage):
    """Genealogy of a lot: lots both ways, its wafers and units, and what these are built into."""

    template_name = "operations/lot_genealogy.html"

    def genealogy(self, moment: Moment | None) -> LotGenealogy:
        return self.found(self.request.GET.get("after", ""), moment)

    def found(self, after: str, moment: Moment | None) -> LotGenealogy:
        """A page of its units after that serial, with all around them."""
        lot = lot_by_code(self.kwargs["code"])
        return lot_genealogy(lot, after=after, is_closed_too=self.is_closed_too, moment=moment)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        genealogy: LotGenealogy = kwargs["genealogy"]
        parts = {
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

    def found(self, after: str, moment: Moment | None) -> LotGenealogy:
        """A page of its dies after that serial, with all around them."""
        wafer, closed = wafer_by_code(self.kwargs["code"]), self.is_closed_too
        return lot_genealogy(wafer.lot, wafer, after=after, is_closed_too=closed, moment=moment)


class LotGenealogyCsv(LotGenealogyPage):
    """Every link of a lot as a row of a file, with all its units."""

    def get(  # type: ignore[override]  # a file has no template
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> StreamingHttpResponse:
        genealogy = self.found("", moment_of(self.asked()))
        rows = lot_rows(genealogy, is_closed_too=self.is_closed_too)
        return sheet_stream(rows, f"genealogy-{genealogy.name}")


class WaferGenealogyCsv(LotGenealogyCsv, WaferGenealogyPage):
    """Every link of a wafer as a row of a file, with all its dies."""
