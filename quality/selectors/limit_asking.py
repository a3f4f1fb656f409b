"""What a limit is asked about, from the words of a form or a request."""

from __future__ import annotations

from dataclasses import dataclass

from lots.models import Product, Step
from quality.domain.control import CHART_KINDS, usual_reach
from quality.domain.figures import BIN, FIGURES, TEST, Figure, named_figure
from quality.domain.limit_sets import PART_KINDS, TEST_KINDS, YIELD_KINDS, LimitAsked
from quality.domain.words import LimitKind, Statistic
from supplychain.base.errors import MalformedError, MissingError
from testing.models import Parameter

YIELDS = (Statistic.FINAL_YIELD.value, Statistic.FIRST_YIELD.value)
DIGITS_MAX = 9
UNITS_MIN = 20


@dataclass(frozen=True, slots=True)
class LimitWords:
    """As said: subject is a yield, a hard bin or a test number, of a chart one of `domain.figures`.

    None: as usual for the kind or the figure.
    """

    product: Product
    step_code: str
    kind: LimitKind
    subject: str = ""
    lots_max: int = 60
    units_min: int | None = None
    sigmas: float | None = None
    share_min: float = 0.75
    count_min: int = 1
    ratio_min: float | None = None


def asked_for(said: LimitWords) -> LimitAsked:
    """What is meant. MissingError for a step or test not there; MalformedError for a wrong word."""
    if not Step.objects.filter(code=said.step_code).exists():
        raise MissingError(f"No route has a step {said.step_code}.", step=said.step_code)
    if (said.kind is LimitKind.SPEC) is (said.ratio_min is None):
        raise MalformedError("A spec, and only a spec, names its lowest ratio.", field="ratio_min")
    subject, test = _charted(said) if said.kind in CHART_KINDS else _limited(said)
    return LimitAsked(
        product_id=said.product.pk,
        step_code=said.step_code,
        kind=said.kind,
        subject=subject,
        parameter_id=test.pk if test else None,
        lots_max=said.lots_max,
        units_min=_units_min(said) if said.units_min is None else said.units_min,
        sigmas=said.sigmas or (6 if said.kind in PART_KINDS else usual_reach(said.kind)),
        share_min=said.share_min,
        count_min=said.count_min,
        ratio_min=said.ratio_min,
    )


def _limited(said: LimitWords) -> tuple[str, Parameter | None]:
    """Subject and test of a limit that is no chart."""
    if said.kind in TEST_KINDS:
        test = _test(said, said.subject)
        return _test_name(test), test
    if said.kind is LimitKind.GDBN:
        return "", None
    if said.kind in YIELD_KINDS:
        subject = said.subject or YIELDS[0]
        if subject not in YIELDS:
            raise MalformedError(f"A yield is one of: {', '.join(YIELDS)}.", field="subject")
        return subject, None
    return str(_number(said.subject, "a hard bin")), None


def _charted(said: LimitWords) -> tuple[str, Parameter | None]:
    """Subject and test of a chart."""
    named = named_figure(said.subject or YIELDS[0])
    if named is None:
        words = ", ".join(_said_as(figure) for figure in FIGURES.values())
        raise MalformedError(f"A chart is of one of: {words}.", field="subject")
    figure, number = named.figure, named.number
    if said.kind not in figure.kinds:
        fitting = ", ".join(figure.kinds)
        raise MalformedError(f"{figure.name} can be charted by: {fitting}.", field="kind")
    if figure.argument == TEST:
        test = _test(said, number)
        return f"{figure.code} {_test_name(test)}", test
    return (str(_number(number, "a hard bin")) if number else figure.code), None


def _said_as(figure: Figure) -> str:
    if figure.argument == BIN:
        return "the number of a hard bin"
    return f"{figure.code} with the number of a test" if figure.argument else figure.code


def _units_min(said: LimitWords) -> int:
    named = named_figure(said.subject or YIELDS[0]) if said.kind in CHART_KINDS else None
    return named.figure.size_min if named else UNITS_MIN


def _number(word: str, noun: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= DIGITS_MAX):
        raise MalformedError(f"This kind of limit names {noun} by its number.", field="subject")
    return int(word)


def _test(said: LimitWords, word: str) -> Parameter:
    """The newest of this number that was measured of the product at the step."""
    number = _number(word, "a test")
    found = (
        Parameter.objects.filter(
            number=number,
            revision__program__product=said.product,
            revision__runs__lot_step__step__code=said.step_code,
        )
        .order_by("-pk")
        .first()
    )
    if found is None:
        raise MissingError(
            f"No test {number} of {said.product.code} was measured at {said.step_code}.",
            test=number,
        )
    return found


def _test_name(test: Parameter) -> str:
    return f"{test} #{test.occurrence + 1}" if test.occurrence else str(test)
