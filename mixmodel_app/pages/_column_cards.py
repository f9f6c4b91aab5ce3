"""The columns of a file as the wizard shows them, and the mapping that comes out of it."""

from dataclasses import dataclass
from typing import Any

from mixmodel_app.components.sparkline import spark_path
from mixmodel_app.domain.dataset import ColumnRole, Detection, Frequency, OutcomeKind, SpendType
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.ingest.detection import outcome_kind
from mixmodel_app.wording import numbers

ROLES = (
    ("", "Choose a role"),
    (ColumnRole.DATE.value, "Date"),
    (ColumnRole.TARGET.value, "Outcome"),
    (SpendType.SPEND.value, "Channel spend"),
    (SpendType.IMPRESSIONS.value, "Channel impressions"),
    (SpendType.CLICKS.value, "Channel clicks"),
    (ColumnRole.CONTROL.value, "Other driver"),
    (ColumnRole.IGNORED.value, "Ignore"),
)
OUTCOMES = ((OutcomeKind.MONEY.value, "Money"), (OutcomeKind.COUNT.value, "A number of things"))
MEDIA_ROLES = tuple(kind.value for kind in SpendType)


@dataclass
class ColumnCard:
    """One column of the file with its role; `role` is "" while a person has to choose.

    `outcome` is what the column would be an amount of as the outcome: "money" or "count".
    """

    name: str
    kind: str
    samples: str
    role: str
    channel: str
    spend_column: str
    level: str
    confidence: str
    reason: str
    spark: str
    outcome: str = OutcomeKind.MONEY.value


def column_cards(found: dict[str, Any]) -> list[ColumnCard]:
    """The columns of a dataset (`services.datasets.get`), in the order of the file."""
    profiles = {column["name"]: column for column in found["columns"]}
    detections = {
        raw["column"]: Detection(raw["column"], ColumnRole(raw["role"]), raw["confidence"], raw["reason"])
        for raw in found["detection"]
    }
    mapping = found["column_mapping"]
    return [_card(profiles[name], detections[name], mapping, found["validation_report"]) for name in profiles]


def _card(profile: dict[str, Any], seen: Detection, mapping: dict[str, Any] | None, confirmed: object) -> ColumnCard:
    name = profile["name"]
    media = (mapping or {}).get("media_columns", {}).get(name, {})
    role = _role(name, mapping) if mapping else _detected_role(seen)
    if not confirmed and seen.level == "low" and seen.role is not ColumnRole.IGNORED:
        role = ""
    return ColumnCard(
        name=name,
        kind=profile["dtype"].capitalize(),
        samples=", ".join(profile["sample_values"]),
        role=role,
        channel=media.get("channel_name", name),
        spend_column=media.get("spend_column") or "",
        level=seen.level,
        confidence=numbers.percent(seen.confidence),
        reason=seen.reason,
        spark=spark_path(profile.get("shape", [])),
        outcome=_outcome(name, mapping),
    )


def _role(name: str, mapping: dict[str, Any]) -> str:
    if name == mapping["date_column"]:
        return ColumnRole.DATE.value
    if name == mapping["target_column"]:
        return ColumnRole.TARGET.value
    if name in mapping["media_columns"]:
        return mapping["media_columns"][name]["spend_type"]
    return (ColumnRole.CONTROL if name in mapping["control_columns"] else ColumnRole.IGNORED).value


def _outcome(name: str, mapping: dict[str, Any] | None) -> str:
    """As it was confirmed or detected of the outcome; of another column what its name says."""
    if mapping and name == mapping["target_column"]:
        return mapping.get("target_kind", OutcomeKind.MONEY.value)
    return outcome_kind(name).value


def _detected_role(seen: Detection) -> str:
    """The role to offer while there is no complete mapping; media of unknown unit counts as spend."""
    return SpendType.SPEND.value if seen.role is ColumnRole.MEDIA else seen.role.value


def mapping_of(columns: list[ColumnCard]) -> dict[str, Any]:
    """The JSON form of the mapping; `InvalidInput` says which column still needs a role."""
    open_columns = [column.name for column in columns if not column.role]
    if open_columns:
        raise InvalidInput(
            f"Choose a role for {', '.join(open_columns)}.",
            errors=tuple(FieldError(name, "needs a role") for name in open_columns),
        )
    by_role = {role: [column for column in columns if column.role == role] for role, _ in ROLES}
    for role, what in ((ColumnRole.DATE.value, "a date"), (ColumnRole.TARGET.value, "an outcome")):
        if not by_role[role]:
            raise InvalidInput(f"No column is {what}.", hint="Give one column that role.")
    if not any(by_role[kind] for kind in MEDIA_ROLES):
        raise InvalidInput("No column is a channel.", hint="Mark at least one column as channel spend.")
    return {
        "date_column": by_role[ColumnRole.DATE.value][0].name,
        "target_column": by_role[ColumnRole.TARGET.value][0].name,
        "target_kind": by_role[ColumnRole.TARGET.value][0].outcome,
        "media_columns": {column.name: _media(column) for column in columns if column.role in MEDIA_ROLES},
        "control_columns": [column.name for column in by_role[ColumnRole.CONTROL.value]],
    }


def _media(column: ColumnCard) -> dict[str, str]:
    entry = {"channel_name": column.channel.strip() or column.name, "spend_type": column.role}
    if column.role != SpendType.SPEND.value and column.spend_column:
        entry["spend_column"] = column.spend_column
    return entry


def summary_of(found: dict[str, Any]) -> str:
    """ "156 rows, 8 columns", and which version of its source the file is."""
    version = f", version {found['version']} of its source" if found["version"] > 1 else ""
    return f"{numbers.count(found['row_count'])} rows, {len(found['columns'])} columns{version}"


def span_of(summary: dict[str, Any]) -> str:
    """ "156 weeks, 2 Jan 2023 – 22 Dec 2025. "; "" while the dates cannot be read."""
    if summary["date_start"] is None:
        return ""
    frequency = Frequency(summary["frequency"])
    periods = f"{numbers.count(summary['rows'])} {frequency.period}s"
    kind = "" if frequency is not Frequency.IRREGULAR else " at uneven distances"
    return f"{periods}{kind}, {numbers.date_range(summary['date_start'], summary['date_end'])}. "


def cell_text(value: object) -> str:
    """A value of the file as the preview shows it; numbers to two decimals."""
    if value is None:
        return numbers.MISSING
    if isinstance(value, float):
        return numbers.exact(round(value, 2))
    return str(value)
