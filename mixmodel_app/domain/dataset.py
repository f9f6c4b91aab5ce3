"""Datasets: column roles, the mapping that a person confirms, and what detection says about each column."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from mixmodel_app.domain.errors import FieldError, InvalidInput


class ColumnRole(StrEnum):
    DATE = "date"
    TARGET = "target"
    MEDIA = "media"
    CONTROL = "control"
    IGNORED = "ignored"


class SpendType(StrEnum):
    """The unit of a media column: money, or exposure with an optional money column beside it."""

    SPEND = "spend"
    IMPRESSIONS = "impressions"
    CLICKS = "clicks"


class OutcomeKind(StrEnum):
    """What the outcome is an amount of: money, or a number of things (orders, sign-ups) that has no currency."""

    MONEY = "money"
    COUNT = "count"


class Frequency(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    IRREGULAR = "irregular"

    @property
    def periods_per_year(self) -> int:
        return {"daily": 365, "weekly": 52, "monthly": 12, "irregular": 52}[self.value]

    @property
    def period(self) -> str:
        """One period in words: "day", "week", "month"."""
        return {"daily": "day", "weekly": "week", "monthly": "month", "irregular": "period"}[self.value]


class DatasetStatus(StrEnum):
    UPLOADED = "uploaded"
    VALIDATED = "validated"
    VALIDATION_ERROR = "validation_error"


@dataclass(frozen=True, slots=True)
class MediaColumn:
    """One channel: its name on screen, the unit of its column and, for exposure, the column that holds its spend."""

    channel_name: str
    spend_type: SpendType = SpendType.SPEND
    spend_column: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which column plays which role. The order of `media_columns` fixes each channel's colour for good.

    `target_kind` is whether the outcome is money; mappings that do not say are of money.
    """

    date_column: str
    target_column: str
    media_columns: dict[str, MediaColumn] = field(default_factory=dict[str, MediaColumn])
    control_columns: tuple[str, ...] = ()
    target_kind: OutcomeKind = OutcomeKind.MONEY

    @property
    def channel_names(self) -> tuple[str, ...]:
        return tuple(media.channel_name for media in self.media_columns.values())

    def in_order_of(self, columns: tuple[str, ...]) -> Self:
        """The same mapping with channels and controls in the order of the file's columns."""
        return replace(
            self,
            media_columns={name: self.media_columns[name] for name in columns if name in self.media_columns},
            control_columns=tuple(name for name in columns if name in self.control_columns),
        )

    def columns(self) -> tuple[str, ...]:
        """Every column that the model uses, spend columns of exposure channels included, without repeats."""
        spend = [m.spend_column for m in self.media_columns.values() if m.spend_column]
        used = [self.date_column, self.target_column, *self.media_columns, *spend, *self.control_columns]
        return tuple(dict.fromkeys(used))

    def to_json(self) -> dict[str, Any]:
        return {
            "date_column": self.date_column,
            "target_column": self.target_column,
            "media_columns": {
                column: {
                    "channel_name": media.channel_name,
                    "spend_type": media.spend_type.value,
                    **({"spend_column": media.spend_column} if media.spend_column else {}),
                }
                for column, media in self.media_columns.items()
            },
            "control_columns": list(self.control_columns),
            **({} if self.target_kind is OutcomeKind.MONEY else {"target_kind": self.target_kind.value}),
        }

    @classmethod
    def from_json(cls, raw: object, columns: tuple[str, ...] | None = None) -> Self:
        """Read the JSON form of the contract.

        Args:
            raw: what `to_json` gives.
            columns: the dataset's columns; when given, every name must be one of them, and channels and controls
                come in the order of the file, whatever order the JSON came in (a database may sort its keys).

        Raises:
            InvalidInput: with one `FieldError` for every wrong field or unknown column.
        """
        errors: list[FieldError] = []
        if not isinstance(raw, dict):
            raise InvalidInput(
                "column_mapping must be an object.", errors=(FieldError("column_mapping", "must be an object"),)
            )
        date_column = _text(raw, "date_column", errors)
        target_column = _text(raw, "target_column", errors)
        media = _media(raw.get("media_columns"), errors)
        controls = _texts(raw.get("control_columns", []), "control_columns", errors)
        kind = raw.get("target_kind", OutcomeKind.MONEY.value)
        if not isinstance(kind, str) or kind not in set(OutcomeKind):
            errors.append(FieldError("column_mapping.target_kind", "must be money or count"))
            kind = OutcomeKind.MONEY
        mapping = cls(date_column, target_column, media, controls, OutcomeKind(kind))
        if not errors:
            errors += _conflicts(mapping)
            if columns is not None:
                errors += _unknown(mapping, columns)
                mapping = mapping.in_order_of(columns)
        if errors:
            raise InvalidInput(
                "The column mapping has errors: " + "; ".join(f"{e.field} {e.message}" for e in errors) + ".",
                errors=tuple(errors),
            )
        return mapping


def _text(raw: dict[str, Any], key: str, errors: list[FieldError]) -> str:
    value = raw.get(key)
    if isinstance(value, str) and value:
        return value
    errors.append(FieldError(f"column_mapping.{key}", "must name a column"))
    return ""


def _texts(raw: object, key: str, errors: list[FieldError]) -> tuple[str, ...]:
    if isinstance(raw, list | tuple) and all(isinstance(item, str) for item in raw):
        return tuple(raw)
    errors.append(FieldError(f"column_mapping.{key}", "must be a list of column names"))
    return ()


def _media(raw: object, errors: list[FieldError]) -> dict[str, MediaColumn]:
    media: dict[str, MediaColumn] = {}
    if not isinstance(raw, dict) or not raw:
        errors.append(FieldError("column_mapping.media_columns", "must name at least one media column"))
        return media
    for column, entry in raw.items():
        path = f"column_mapping.media_columns.{column}"
        entry = entry if isinstance(entry, dict) else {}
        name = entry.get("channel_name") or column
        kind = entry.get("spend_type", SpendType.SPEND.value)
        spend_column = entry.get("spend_column")
        if not isinstance(kind, str) or kind not in set(SpendType):
            errors.append(FieldError(f"{path}.spend_type", "must be spend, impressions or clicks"))
        elif not isinstance(name, str) or len(name) > 100:
            errors.append(FieldError(f"{path}.channel_name", "must be a name of at most 100 characters"))
        elif spend_column is not None and not isinstance(spend_column, str):
            errors.append(FieldError(f"{path}.spend_column", "must name a column"))
        else:
            media[column] = MediaColumn(name, SpendType(kind), spend_column)
    return media


def _conflicts(mapping: ColumnMapping) -> list[FieldError]:
    roles: dict[str, str] = {}
    errors: list[FieldError] = []
    for role, columns in (
        ("date_column", [mapping.date_column]),
        ("target_column", [mapping.target_column]),
        ("media_columns", list(mapping.media_columns)),
        ("control_columns", list(mapping.control_columns)),
    ):
        for column in columns:
            if column in roles:
                errors.append(
                    FieldError(f"column_mapping.{role}", f"uses {column!r}, which is already {roles[column]}")
                )
            roles[column] = role
    names = mapping.channel_names
    errors += [
        FieldError("column_mapping.media_columns", f"uses the channel name {name!r} twice")
        for name in dict.fromkeys(n for n in names if names.count(n) > 1)
    ]
    return errors


def _unknown(mapping: ColumnMapping, columns: tuple[str, ...]) -> list[FieldError]:
    return [
        FieldError("column_mapping", f"names the column {column!r}, which the file does not have")
        for column in mapping.columns()
        if column not in columns
    ]


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column as it was read.

    Attributes:
        dtype: date, number, text, boolean or empty.
        sample_values: the first distinct values as text.
        shape: a column of numbers in at most 48 points from 0 to 1 (its least and largest), None where it is empty; no
            points for other columns.
    """

    name: str
    dtype: str
    null_count: int
    sample_values: tuple[str, ...]
    shape: tuple[float | None, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "dtype": self.dtype,
            "null_count": self.null_count,
            "sample_values": list(self.sample_values),
            "shape": list(self.shape),
        }


@dataclass(frozen=True, slots=True)
class Detection:
    """What a column seems to be: a role with a confidence from 0 to 1 and the reason in words."""

    column: str
    role: ColumnRole
    confidence: float
    reason: str

    @property
    def level(self) -> str:
        """The confidence as a word: high from 0.9, medium from 0.6, low below."""
        return "high" if self.confidence >= 0.9 else "medium" if self.confidence >= 0.6 else "low"

    def to_json(self) -> dict[str, Any]:
        return {
            "column": self.column,
            "role": self.role.value,
            "confidence": round(self.confidence, 2),
            "reason": self.reason,
        }
