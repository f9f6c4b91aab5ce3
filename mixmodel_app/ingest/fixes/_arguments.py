"""The arguments of a fix, read from JSON that anyone may have sent."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Self

from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.ingest.injection import neutralise
from mixmodel_app.ingest.table import Table

LONGEST_NAME = 100
MOST_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class Arguments:
    """Typed access to the keys; every method raises `InvalidInput` that names the key."""

    values: dict[str, Any]

    @classmethod
    def of(cls, raw: object, known: tuple[str, ...]) -> Self:
        """The arguments, if they are an object without unknown keys."""
        if not isinstance(raw, dict):
            raise _wrong("arguments", "must be an object")
        unknown = next((str(key) for key in raw if key not in known), None)
        if unknown is not None:
            raise _wrong(f"arguments.{unknown}", f"is not known here; known: {', '.join(known) or 'none'}")
        return cls(raw)

    def column(self, table: Table, key: str = "column") -> str:
        """A column of the table."""
        return self._known(self.values.get(key), table, key)

    def columns(self, table: Table, key: str = "columns") -> tuple[str, ...]:
        """Columns of the table without repeats, none when the key is missing."""
        found = [self._known(item, table, key) for item in self._list(key)]
        return tuple(dict.fromkeys(found))

    def dates(self, key: str = "dates") -> tuple[dt.date, ...]:
        """At least one day, in order."""
        days = {_day(item, key) for item in self._list(key)}
        if not days:
            raise _wrong(f"arguments.{key}", "must name at least one date")
        return tuple(sorted(days))

    def name(self, key: str = "name") -> str:
        """A name for a new column: one line, of at most 100 characters, harmless in a spreadsheet."""
        value = self.values.get(key)
        text = " ".join(value.replace("\0", "").split()) if isinstance(value, str) else ""
        if not text or len(text) > LONGEST_NAME:
            raise _wrong(f"arguments.{key}", f"must be a name of 1 to {LONGEST_NAME} characters")
        return neutralise(text)

    def choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        """One of the options."""
        value = self.values.get(key, default)
        if value not in options:
            raise _wrong(f"arguments.{key}", f"must be {' or '.join(options)}")
        return str(value)

    def _list(self, key: str) -> list[Any]:
        value = self.values.get(key, [])
        if not isinstance(value, list | tuple) or len(value) > MOST_ITEMS:
            raise _wrong(f"arguments.{key}", f"must be a list of at most {MOST_ITEMS:,}")
        return list(value)

    @staticmethod
    def _known(value: object, table: Table, key: str) -> str:
        if not isinstance(value, str) or value not in table.columns:
            raise _wrong(f"arguments.{key}", f"names {value!r}, which is not a column of the data")
        return value


def _day(value: object, key: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise _wrong(f"arguments.{key}", f"has {value!r}, which is not a date like 2025-03-31") from None


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(f"The fix cannot be applied: {field} {message}.", errors=(FieldError(field, message),))
