"""What a person's browser sends back of a page that it looked at."""

from __future__ import annotations

import re
from typing import Any


def seen_in(page: str, name: str = "seen") -> dict[str, str]:
    """The hash that the form on the page carries of what it shows, as an approval sends it."""
    (found,) = re.findall(f'name="{name}" value="([0-9a-f]{{64}})"', page)
    return {"seen": found}


def seen_at(client: Any, address: str) -> dict[str, str]:
    """The same, of the page at an address."""
    return seen_in(client.get(address).content.decode())
