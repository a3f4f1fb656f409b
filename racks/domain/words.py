"""The trade's words for places and commissioning."""

from __future__ import annotations

from enum import StrEnum


class SlotKind(StrEnum):
    """What a rack slot is made for."""

    COMPUTE = "compute"
    SWITCH = "switch"
    POWER = "power"


class ReadingKind(StrEnum):
    """What is read at a rack before it is accepted; the unit stands last."""

    LEAK = "leak_pressure_decay_bar"
    FLOW = "flow_litre_per_minute"
    SUPPLY = "supply_celsius"
    RETURN = "return_celsius"
    DEW_POINT = "dew_point_celsius"
    PRESSURE = "pressure_difference_bar"


class Verdict(StrEnum):
    """Of one reading, or of a whole commissioning."""

    PASS = "pass"
    FAIL = "fail"
    UNSET = "unset"
