from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from django.http import HttpRequest, QueryDict, StreamingHttpResponse

from operations.domain import distributions
from operations.domain.measures import Scaled, figures, scaled
from operations.selectors import explore, functional
from operations.selectors.explore import Sample, Selection
from operations.selectors.map_values import parameter_by_id
from operations.selectors.paretos import lot_paretos
from operations.views.page import Page
from operations.views.runs import pareto_pictures
from supplychain.base.errors import MalformedError
from supplychain.base.tables import table_answer
from testing.domain.words import ParameterKind
from testing.models import Parameter
from testing.selectors import Insertions

WORDS_MAX = 100
LOTS_MAX = 100
BATCH_ROWS = 50_000
NAMES = ("A", "B")
INSERTION_WORDS = {
    "all": "All insertions",
    "first": "First insertions",
    "final": "Deciding insertions",
}


class ExplorePage(Page):
    """Any test over chosen lots: histogram, boxes by site, trend and normal plot at once."""

    template_name = "operations/explore.html"
    title = "Test explorer"
    right: ClassVar[str] = "testing.view_readingsummary"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = self.request.GET
        text = words.get("q", "").strip()[:WORDS_MAX]
        product = words.get("product", "").strip()[:WORDS_MAX]
        parts: dict[str, Any] = {"text": text, "product": product}
        if not words.get("test"):
            parts["found"] = explore.found_tests(text, product)
            parts |= lots_failed(words)
            return super().get_context_data(**{**parts, **kwargs})
        test = parameter_by_id(words["test"])
        samples = read_samples(test, words)
        parts |= {
            "test": test,
            "title": f"{test} of {test.revision.program.product.code}",
            "scale": scaled(test.units, test.scale),
            "choices": explore.choices_of(test),
            "forms": form_words(words),
            "insertion_words": INSERTION_WORDS.items(),
            "insertions": samples[0].selection.insertions,
            "query": words.urlencode(),
        }
        is_functional = test.kind == ParameterKind.FUNCTIONAL
        parts |= described_fails(samples) if is_functional else described_values(test, samples)
        return super().get_context_data(**{**parts, **kwargs})


def described_values(test: Parameter, samples: list[Sample]) -> dict[str, Any]:
    """Selections of a test that measures: figures, pictures, and two beside each other."""
    shown = [one for one in samples if len(one.value)]
    parts: dict[str, Any] = {
        "samples": [described(test, name, one) for name, one in zip(NAMES, samples, strict=False)]
    }
    if shown:
        pictures = drawn(test, samples)
        parts["drawn"] = pictures
        for one, side in zip(parts["samples"], pictures["sides"], strict=True):
            one |= {"below": side["below"], "above": side["above"]}
            one["pairs"] = pair_tables(pictures["edges"], side)
    if len(shown) == 2 and all(len(one.value) > 1 for one in shown):
        parts["comparison"] = distributions.compare(*(one.value for one in samples))
        factor = scaled(test.units, test.scale).factor
        quantiles = distributions.paired_quantiles(*(one.value * factor for one in samples))
        parts["quantiles"] = [[figures(one) for one in pair] for pair in quantiles]
        parts["drawn"]["pairs"] = quantiles
        medians = [explore.lot_medians(one) for one in samples]
        parts["lot_counts"] = [len(one) for one in medians]
        parts["lots_p"] = distributions.group_comparison(*medians)
    return parts


def lots_failed(words: QueryDict) -> dict[str, Any]:
    """What failed most in the lots that are named, if any."""
    lots, step = lot_codes(words, ""), words.get("step", "").strip()[:WORDS_MAX]
    parts: dict[str, Any] = {"lots": " ".join(lots), "step": step}
    if not lots:
        return parts
    found = lot_paretos(lots, step)
    pictures = [
        ("hard-bins", "Failing hard bins", "Units", found.hard_bins),
        ("soft-bins", "Failing soft bins", "Units", found.soft_bins),
        ("failing-tests", "Failing tests", "Insertions", found.tests),
        ("functional-tests", "Failing functional tests", "Insertions", found.functional_bars),
    ]
    return {**parts, "paretos": pareto_pictures(pictures), "functional": found.functional}


def described_fails(samples: list[Sample]) -> dict[str, Any]:
    """Selections of a functional test: the share that fails in all, by site and by run."""
    if not any(one.table.num_rows for one in samples):
        return {"is_functional": True}
    sides = []
    for name, one in zip(NAMES, samples, strict=False):
        sides.append(
            {
                "name": name,
                "sample": one,
                "whole": functional.share(one, name),
                "sites": functional.shares_by_site(one),
                "runs": functional.shares_by_run(one),
            }
        )
    return {"is_functional": True, "sides": sides, "shares": drawn_shares(sides)}


def drawn_shares(sides: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the pictures of shares need, in percent; places without a verdict are left out."""
    return [
        {
            "name": side["name"],
            "sites": [
                {"label": one.label, "share": one.percent(), "fails": one.fails, "of": one.judged}
                for one in side["sites"]
                if one.judged
            ],
            "runs": [
                {
                    "label": f"{one.label}\n{run.started_at:%Y-%m-%d}",
                    "share": one.percent(),
                    "fails": one.fails,
                    "of": one.judged,
                }
                for run, one in side["runs"]
                if one.judged
            ],
        }
        for side in sides
    ]


class ExploreFile(Page):
    """The readings behind the pictures, as CSV or Parquet."""

    right: ClassVar[str] = "testing.view_readingsummary"
    kind = "csv"

    def get(  # type: ignore[override]  # a file has no template
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> StreamingHttpResponse:
        words, kind = request.GET, self.kind
        test = parameter_by_id(words.get("test", ""))
        table = explore.reading_rows(test, read_samples(test, words))
        pieces = iter(table.to_batches(max_chunksize=BATCH_ROWS))
        return table_answer(pieces, table.schema, kind, f"readings-{test.number}")


def read_samples(test: Parameter, words: QueryDict) -> list[Sample]:
    """The first selection, and the second if anything of it is given."""
    first, second = selection(words, ""), selection(words, "_b")
    asked = [first, second] if second.is_narrowed or second.step else [first]
    return [explore.sample(test, one) for one in asked]


def selection(words: QueryDict, suffix: str) -> Selection:
    """From the fields of one side. MalformedError for what is no head, site or insertions."""
    lots = lot_codes(words, suffix)
    insertions = words.get("insertions", "") or Insertions.ALL.value
    if insertions not in set(Insertions):
        raise MalformedError(f"Insertions are one of: {', '.join(Insertions)}.")
    return Selection(
        lots=tuple(lots),
        step=words.get(f"step{suffix}", "")[:WORDS_MAX],
        tester=words.get(f"tester{suffix}", "")[: WORDS_MAX + 20],
        revision=words.get(f"revision{suffix}", "")[: WORDS_MAX + 20],
        head=one_byte(words, f"head{suffix}"),
        site=one_byte(words, f"site{suffix}"),
        insertions=Insertions(insertions),
    )


def one_byte(words: QueryDict, name: str) -> int | None:
    """A head or a site. MalformedError for what is none."""
    word = words.get(name, "").strip()
    if word and not (word.isascii() and word.isdigit() and len(word) < 4):
        raise MalformedError("A head or a site is a number from 0 to 255.")
    return int(word) if word else None


def lot_codes(words: QueryDict, suffix: str) -> list[str]:
    """Apart by blanks or commas. MalformedError for too many."""
    lots = words.get(f"lots{suffix}", "").replace(",", " ").split()
    if len(lots) > LOTS_MAX:
        raise MalformedError(f"At most {LOTS_MAX} lots at once; {len(lots)} are named.")
    return lots


def form_words(words: QueryDict) -> list[dict[str, str]]:
    """What stands in the fields of either side."""
    fields = ("lots", "step", "tester", "revision", "head", "site")
    sides = []
    for name, suffix in zip(NAMES, ("", "_b"), strict=True):
        given = {field: words.get(f"{field}{suffix}", "") for field in fields}
        sides.append({"name": name, "suffix": suffix, **given})
    return sides


def described(test: Parameter, name: str, one: Sample) -> dict[str, Any]:
    """A selection in figures. tables: title, and a run (or None) with its box."""
    value = one.value
    limits = (test.limit_low, test.limit_high)
    sites = [(None, distributions.box(name, part)) for name, part in explore.by_site(one)]
    over_runs = [
        (run, distributions.box(run.lot_step.lot.code, part)) for run, part in explore.by_run(one)
    ]
    return {
        "name": name,
        "sample": one,
        "moments": distributions.moments(value, *limits) if len(value) else None,
        "tables": [("Site", sites), ("Run", over_runs)],
    }


def pair_tables(edges: list[float], side: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Histogram and normal plot of one selection as titles, heads and rows."""
    bars = [
        (figures(low), figures(high), f"{count:,}")
        for low, high, count in zip(edges, edges[1:], side["counts"], strict=False)
    ]
    tables: list[tuple[str, Any, Any]] = [("histogram", ("From", "To", "Values"), bars)]
    if side["normal"]:
        normal, value, *_ = side["normal"]
        pairs = [(figures(at), figures(one)) for at, one in zip(normal, value, strict=True)]
        tables.append(("normal plot", ("Quantile of a standard normal", "Value"), pairs))
    return tables


def drawn(test: Parameter, samples: list[Sample]) -> dict[str, Any]:
    """What the pictures need, in the unit that is shown; never the values themselves."""
    scale = scaled(test.units, test.scale)
    values = [one.value * scale.factor for one in samples]
    limits = [_times(limit, scale) for limit in (test.limit_low, test.limit_high)]
    full = [one for one in values if len(one)]
    axis = distributions.axis_of(full, limits)
    edges = distributions.edges_of(axis, max(len(one) for one in full))
    sides = []
    for name, one, own in zip(NAMES, samples, values, strict=False):
        bars = distributions.histogram(own, edges)
        normal = distributions.normal_plot(own) if len(own) > 1 else None
        sides.append(
            {
                "name": name,
                "count": len(own),
                "counts": bars.counts,
                "below": bars.below,
                "above": bars.above,
                "normal": [normal.normal, normal.value, normal.intercept, normal.slope]
                if normal
                else None,
                "sites": [_box(site, part, scale) for site, part in explore.by_site(one)],
                "runs": [
                    {**_box(run.lot_step.lot.code, part, scale), "at": f"{run.started_at:%Y-%m-%d}"}
                    for run, part in explore.by_run(one)
                ],
            }
        )
    return {
        "title": str(test),
        "unit": scale.unit,
        "limits": limits,
        "axis": [axis.low, axis.high],
        "edges": [round(edge, 12) for edge in np.asarray(edges).tolist()],
        "sides": sides,
    }


def _times(limit: float | None, scale: Scaled) -> float | None:
    return None if limit is None else limit * scale.factor


def _box(label: str, values: distributions.FLOATS, scale: Scaled) -> dict[str, Any]:
    one = distributions.box(label, values * scale.factor)
    five = [one.whisker_low, one.quartile_low, one.median, one.quartile_high, one.whisker_high]
    return {"label": label, "count": one.count, "five": five, "outside": one.outside}
