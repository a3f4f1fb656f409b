"""What a detector hands over: a cause it found, with the evidence it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TypeAlias

from notices.domain.words import Severity
from quality.domain.pictures import Picture

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

MAP_DIES_MAX = 2000
"""A map of more dies is not kept among the facts: they are written again with each news."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The grounds of a flag, frozen when it is raised.

    statistic: what was looked at. value, limit: in the statistic's own unit, ratios 0 to 1.
    n: units behind the value. baseline: codes of the lots behind the limit, oldest first.
    dispersion: variance over what chance alone would give. p_adjusted: after the whole family of
    tests. policy: retest policy with version. facts: what else a person needs to check it.
    pictures: the most telling first.
    """

    statistic: str
    value: float | int | str | None = None
    limit: float | int | str | None = None
    n: int | None = None
    method: str = ""
    baseline: tuple[str, ...] = ()
    dispersion: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    policy: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """Every field by name; what does not apply is left out."""
        values = asdict(self)
        values["baseline"] = list(self.baseline)
        values["pictures"] = [picture.as_json() for picture in self.pictures]
        return {name: value for name, value in values.items() if value not in (None, "", [], {})}


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause, found by one detector.

    cause_key: names the cause for ever; one issue may be open per cause_key. revision: names the
    facts behind it; a cause that a person has closed comes back only with another revision.
    severity: None takes the rule's. not_before: late data may still explain it until then.
    owner_id: who has it from the start; None for nobody. is_weighed: found by chance alone, so that
    it is set against everything tested; else a fact, or beyond a limit that people set.
    """

    cause_key: str
    title: str
    evidence: Evidence
    severity: Severity | None = None
    lot_id: int | None = None
    step_id: int | None = None
    wafer_id: int | None = None
    unit_id: int | None = None
    revision: str = ""
    not_before: datetime | None = None
    owner_id: int | None = None
    is_weighed: bool = False
