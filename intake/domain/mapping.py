"""A partner's columns, values and times in our words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from intake.domain.words import Delimiter, Encoding
from supplychain.base.errors import MalformedError

LETTERS = {
    Delimiter.COMMA: ",",
    Delimiter.SEMICOLON: ";",
    Delimiter.TAB: "\t",
    Delimiter.PIPE: "|",
}
INSTANTS = ("occurred_at",)
DAYS = ("due_on",)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """How one partner writes one kind of file.

    columns: our column → theirs, lower case. constants: our column → its value in every line.
    defaults: values of columns that the file does not have. values: (our column, their value in
    lower case) → our value. date_format: as strptime takes it; "" = ISO 8601. zone: of times
    written without an offset.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)
    date_format: str = ""
    zone: tzinfo | None = None
    delimiter: Delimiter = Delimiter.COMMA
    encoding: Encoding = Encoding.UTF8

    @property
    def letter(self) -> str:
        """Between fields."""
        return LETTERS[self.delimiter]

    def missing(self, header: Sequence[str], wanted: Sequence[str]) -> list[str]:
        """Wanted columns that a file with this header does not give, as the file names them."""
        return [
            self.columns.get(name, name)
            for name in wanted
            if name not in self.constants
            and name not in self.defaults
            and self.columns.get(name, name) not in header
        ]

    def read(self, theirs: Mapping[str, str], wanted: Iterable[str]) -> dict[str, str]:
        """Our columns of one line. MalformedError for a time that is not of the agreed form."""
        return {name: self._value(name, theirs) for name in wanted if self._gives(name, theirs)}

    def translated(self, name: str, value: str) -> str:
        """One value in our words."""
        return self.values.get((name, value.casefold()), value)

    def _gives(self, name: str, theirs: Mapping[str, str]) -> bool:
        is_fixed = name in self.constants or name in self.defaults
        return is_fixed or self.columns.get(name, name) in theirs

    def _value(self, name: str, theirs: Mapping[str, str]) -> str:
        if name in self.constants:
            return self.constants[name]
        value = theirs.get(self.columns.get(name, name))
        if value is None:
            return self.defaults[name]
        if name in INSTANTS and value:
            return self.instant(name, value)
        if name in DAYS and value and self.date_format:
            return self._parsed(name, value).date().isoformat()
        return self.translated(name, value)

    def instant(self, name: str, value: str) -> str:
        """ISO 8601 with an offset where the zone is known; else as written."""
        if self.date_format:
            instant = self._parsed(name, value)
        else:
            try:
                instant = datetime.fromisoformat(value)
            except ValueError:
                return value
        if instant.tzinfo is None and self.zone is not None:
            instant = instant.replace(tzinfo=self.zone)
        return instant.isoformat()

    def _parsed(self, name: str, value: str) -> datetime:
        try:
            return datetime.strptime(value, self.date_format)  # noqa: DTZ007 (zone is set above)
        except ValueError as error:
            raise MalformedError(
                f"{name} is {value!r}; the mapping says that it is written like "
                f"{self.date_format}. Mend the mapping or the row.",
                field=name,
            ) from error


AS_DOCUMENTED = ColumnMapping()
