"""What a limit is asked about, from the words of a form or a request."""

from __future__ import annotations

from dataclasses import dataclass

from lots.models import Product, Step
from quality.domain.control import CHART_KINDS, usual_reach
from quality.domain.limit_sets import PART_KINDS, TEST_KINDS, YIELD_KINDS, LimitAsked
from quality.domain.words import LimitKind, Statistic
from supplychain.base.errors import MalformedError, MissingError
from testing.models import Parameter

YIELDS = (Statistic.FINAL_YIELD.value, Statistic.FIRST_YIELD.value)
DIGITS_MAX = 9


@dataclass(frozen=True, slots=True)
class LimitWords:
    """As said: subject is a yield, a hard bin or a test number. None: as usual for the kind.

    A chart is of a yield or a hard bin, a u chart of a hard bin only.
    """

    product: Product
    step_code: str
    kind: LimitKind
    subject: str = ""
    lots_max: int = 60
    units_min: int = 20
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
    test = _test(said) if said.kind in TEST_KINDS else None
    return LimitAsked(
        product_id=said.product.pk,
        step_code=said.step_code,
        kind=said.kind,
        subject=_test_name(test) if test else _subject(said),
        parameter_id=test.pk if test else None,
        lots_max=said.lots_max,
        units_min=said.units_min,
        sigmas=said.sigmas or (6 if said.kind in PART_KINDS else usual_reach(said.kind)),
        share_min=said.share_min,
        count_min=said.count_min,
        ratio_min=said.ratio_min,
    )


def _subject(said: LimitWords) -> str:
    if said.kind is LimitKind.GDBN:
        return ""
    if said.kind in YIELD_KINDS:
        subject = said.subject or YIELDS[0]
        if subject not in YIELDS:
            raise MalformedError(f"A yield is one of: {', '.join(YIELDS)}.", field="subject")
        return subject
    is_share = said.kind in CHART_KINDS and said.kind is not LimitKind.CHART_U
    if is_share and (said.subject or YIELDS[0]) in YIELDS:
        return said.subject or YIELDS[0]
    return str(_number(said.subject, "a hard bin"))


def _number(word: str, noun: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= DIGITS_MAX):
        raise MalformedError(f"This kind of limit names {noun} by its number.", field="subject")
    return int(word)


def _test(said: LimitWords) -> Parameter:
    """The newest of this number that was measured of the product at the step."""
    number = _number(said.subject, "a test")
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
