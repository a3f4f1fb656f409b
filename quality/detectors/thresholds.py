"""A rule's parameters as typed thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from supplychain.base.errors import MalformedError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def thresholds(kind: type[T], parameters: Mapping[str, Any]) -> T:
    """The dataclass `kind` with these values over its defaults. MalformedError names a bad one."""
    known: dict[str, Any] = {field.name: field.default for field in fields(kind)}
    for name, value in parameters.items():
        if name not in known:
            listed = ", ".join(sorted(known))
            raise MalformedError(f"The rule has no parameter {name!r}. Known: {listed}.", name=name)
        if not isinstance(value, int | float) or isinstance(value, bool) is not isinstance(
            known[name], bool
        ):
            raise MalformedError(f"Parameter {name} cannot be {value!r}.", name=name)
    return kind(**{name: type(known[name])(value) for name, value in parameters.items()})
