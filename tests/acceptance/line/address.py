"""Something to ask for, and how one is made of the name of a view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse


@dataclass(frozen=True)
class Address:
    """Something to ask for. key: its row in a baseline. body: what is posted to it.

    methods: those that are worth asking by.
    """

    key: str
    path: str
    methods: tuple[str, ...] = ("get", "post")
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")


def one(name: str, *arguments: object, **query: object) -> dict[str, list[Address]]:
    path = reverse(name, args=arguments)
    return {name: [Address(name, f"{path}?{urlencode(query)}" if query else path)]}
