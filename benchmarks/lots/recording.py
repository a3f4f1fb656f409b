"""One verb's statements as the service sends them, to be sent again by bare psycopg."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

OWN = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter that differs from verb to verb."""

    name: str


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and its parameters, a list or a mapping, some of them only named."""

    sql: str
    parameters: Any

    def filled(self, values: Mapping[str, Any]) -> Any:
        """The parameters with these values in place of names."""
        return _filled(self.parameters, values)


def recorded(work: Callable[[], object]) -> list[Statement]:
    """What the work sends, every parameter as it was."""
    sent: list[Statement] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(Statement(sql, params if isinstance(params, Mapping) else list(params or ())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        work()
    return [statement for statement in sent if not statement.sql.startswith(OWN)]


def named(statements: Sequence[Statement], known: Mapping[str, object]) -> list[Statement]:
    """The same with names for the known values. known: name → value, all different."""
    names = {str(value): name for name, value in known.items()}
    assert len(names) == len(known), "known values must differ to be told apart"
    return [Statement(one.sql, _named(one.parameters, names)) for one in statements]


def _named(parameter: Any, names: Mapping[str, str]) -> Any:
    if isinstance(parameter, list | tuple):
        return [_named(one, names) for one in parameter]
    if isinstance(parameter, Mapping):
        return {key: _named(one, names) for key, one in parameter.items()}
    name = names.get(str(parameter))
    return Named(name) if name else parameter


def _filled(parameter: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(parameter, list):
        return [_filled(one, values) for one in parameter]
    if isinstance(parameter, Mapping):
        return {key: _filled(one, values) for key, one in parameter.items()}
    return values[parameter.name] if isinstance(parameter, Named) else parameter
