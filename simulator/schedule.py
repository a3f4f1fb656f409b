"""When lots reach their steps, reckoned backwards from where each one stands at the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np

WAFER_DAYS = {
    "START": (0.5, 1.5),
    "FAB": (100.0, 110.0),
    "WAT": (1.0, 2.0),
    "RCV": (1.0, 2.0),
    "BUMP": (5.0, 7.0),
    "CP1": (3.0, 5.0),
    "CP2": (3.0, 4.0),
    "DICE": (2.0, 3.0),
}
PACKAGE_DAYS = {
    "COWOS": (22.0, 30.0),
    "FT-HOT": (2.0, 3.0),
    "BI": (1.2, 1.8),
    "FT-COLD": (2.0, 3.0),
    "SLT": (3.0, 4.0),
    "SHIP": (2.5, 4.0),
    "STOCK": (1.0, 1.0),
}
SYSTEM_DAYS = {
    "SLED": (2.0, 3.0),
    "SERVER": (2.0, 3.0),
    "RACK": (3.0, 4.0),
    "LEAK": (1.0, 1.5),
    "RSOAK": (1.0, 2.0),
    "SHIP": (3.0, 4.0),
    "PLACE": (1.0, 1.5),
    "LOOP": (1.0, 1.5),
    "CLUSTER": (2.0, 3.0),
    "SSOAK": (3.0, 4.0),
    "ACCEPT": (1.0, 1.0),
}


def entries_back_from(
    days: Mapping[str, tuple[float, float]],
    step: str,
    entered_at: datetime,
    rng: np.random.Generator,
) -> dict[str, datetime]:
    """Step → when it was entered, for every step up to the named one, in route order."""
    codes = list(days)
    codes = codes[: codes.index(step) + 1]
    found = {step: entered_at}
    for code in reversed(codes[:-1]):
        entered_at -= timedelta(days=float(rng.uniform(*days[code])))
        found[code] = entered_at.replace(microsecond=0)
    return {code: found[code] for code in codes}


def entries_from(
    days: Mapping[str, tuple[float, float]],
    step: str,
    entered_at: datetime,
    rng: np.random.Generator,
) -> dict[str, datetime]:
    """Step → when it is entered, for the named step and all after it."""
    codes = list(days)[list(days).index(step) :]
    found = {}
    for code in codes:
        found[code] = entered_at.replace(microsecond=0)
        entered_at += timedelta(days=float(rng.uniform(*days[code])))
    return found
