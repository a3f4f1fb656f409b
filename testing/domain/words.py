"""The trade's words for tests and results."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """How one insertion ended; each is a different thing."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    TIMEOUT = "timeout"
    ABORTED = "aborted"
    UNSET = "unset"


class EquipmentKind(StrEnum):
    """What measured, held or heated the unit."""

    TESTER = "tester"
    PROBER = "prober"
    HANDLER = "handler"
    PROBE_CARD = "probe-card"
    LOAD_BOARD = "load-board"
    OVEN = "oven"
    BURN_IN_BOARD = "burn-in-board"


class OvenQuantity(StrEnum):
    """What a sensor of an oven measures, in °C or V."""

    TEMPERATURE = "temperature"
    VOLTAGE = "voltage"


class ReleaseState(StrEnum):
    """Whether a program revision may decide about production."""

    UNRELEASED = "unreleased"
    RELEASED = "released"
    RETIRED = "retired"


class ParameterKind(StrEnum):
    """The STDF record a test's values come from."""

    PARAMETRIC = "parametric"
    MULTIPLE = "multiple"
    FUNCTIONAL = "functional"


class RetestPolicy(StrEnum):
    """Which insertion decides, with its version; named in every yield figure."""

    LAST = "last-v1"
    BEST = "best-v1"
    FLAGGED = "flagged-v1"


class ConflictKind(StrEnum):
    """How identities contradict each other. Counted: several sessions number their parts from 1."""

    TWO_IDS = "two-ids"
    TWO_PLACES = "two-places"
    COUNTED = "counted"


class IdentityQuality(StrEnum):
    """How sure it is which insertions of a lot step are of one unit, as long as nobody decides.

    Counted: several sessions number their parts from 1, and are taken for the same units.
    """

    UNDISPUTED = "undisputed"
    COUNTED = "counted"
    CONFLICTING = "conflicting"


class ConflictVerdict(StrEnum):
    """What a person decided about an identity conflict."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


class RestatementCause(StrEnum):
    """Why the figures of a lot step changed."""

    FIRST = "first"
    MORE = "more"
    LATE = "late"
    REPAIR = "repair"
    COPY = "copy"
    POLICY = "policy"
    IDENTITY = "identity"
    TAKEN_BACK = "taken-back"
    MATCHED_ANEW = "matched-anew"


ALL_HEADS = 255
"""What STDF writes in place of a head for all of them together."""


def place_name(place: tuple[int, int], places: Iterable[tuple[int, int]]) -> str:
    """A site as people read it: alone where all places are of one head, else `head/site`."""
    head, site = place
    return str(site) if len({one for one, _ in places}) < 2 else f"{head}/{site}"
