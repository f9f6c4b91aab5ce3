"""What each column seems to be: a role, how sure that is, and why, in words.

Names speak first (`vocabulary`), values second: a role that the values rule out is not given, and a column that could
play two roles gets the first of date, rival and calendar, media, control, outcome.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping, ColumnRole, Detection, MediaColumn, OutcomeKind, SpendType
from mixmodel_app.ingest.dates import parse_dates
from mixmodel_app.ingest.media_names import MediaName, media_name
from mixmodel_app.ingest.numbers import MOSTLY, ParsedNumbers, parse_numbers
from mixmodel_app.ingest.profile import dtype
from mixmodel_app.ingest.table import Table
from mixmodel_app.ingest.vocabulary import (
    CALENDAR,
    CONTROL,
    COUNTED,
    DATE,
    GROUPS,
    MONEYED,
    ORGANIC,
    RATE,
    RIVAL,
    TARGET,
    TOTAL,
    Name,
)

_FEATURE = re.compile(r"(?:extra_)?(?:features?|controls?)_?\d{1,3}")


@dataclass(frozen=True, slots=True)
class _Column:
    """One column with what is asked of it again and again."""

    label: str
    name: Name
    dtype: str
    values: pd.Series
    numbers: ParsedNumbers

    @property
    def is_numeric(self) -> bool:
        return self.dtype == "number" or self._share_of_numbers() >= MOSTLY

    def _share_of_numbers(self) -> float:
        filled = int(self.values.notna().sum())
        return int(np.isfinite(self.numbers.values).sum()) / filled if filled else 0.0

    @property
    def negative_share(self) -> float:
        filled = self.numbers.values[np.isfinite(self.numbers.values)]
        return float(np.mean(filled < 0)) if len(filled) else 0.0

    def numeric_words(self) -> str:
        wrong = len(self.numbers.bad)
        return "numeric" if not wrong else f"numeric but for {wrong} cell{'s' if wrong > 1 else ''}"


def detect(table: Table) -> tuple[Detection, ...]:
    """One detection per column, in column order: at most one date and one target, the rest media, controls, ignored."""
    columns = [_column(table, label) for label in table.columns]
    found: dict[str, Detection] = {}
    _settle(found, _dates(columns), ColumnRole.DATE, "another column is the date")
    _settle_media(found, [column for column in columns if column.label not in found])
    for column in columns:
        if column.label not in found and (control := _control(column)):
            found[column.label] = control
    targets = (_target(column) for column in columns if column.label not in found)
    _settle(found, targets, ColumnRole.TARGET, "could be an outcome too, but {best!r} fits better")
    return tuple(found.get(column.label) or _ignored(column) for column in columns)


def outcome_kind(label: str) -> OutcomeKind:
    """Whether an outcome of this name is money or a number of things; money where the name does not say."""
    name = Name.of(label)
    counted = name.first_of(COUNTED) or ("sign" in name.words and "ups" in name.words)
    return OutcomeKind.COUNT if counted and not name.first_of(MONEYED) else OutcomeKind.MONEY


def auto_mapping(table: Table, detections: tuple[Detection, ...]) -> ColumnMapping | None:
    """The mapping that the detections add up to; None without a date, a target or any media."""
    by_role = {role: [d.column for d in detections if d.role is role] for role in ColumnRole}
    media = {column: _as_media(column) for column in by_role[ColumnRole.MEDIA] if column in table.columns}
    if not (by_role[ColumnRole.DATE] and by_role[ColumnRole.TARGET] and media):
        return None
    return ColumnMapping(
        by_role[ColumnRole.DATE][0],
        by_role[ColumnRole.TARGET][0],
        _distinct(media),
        tuple(by_role[ColumnRole.CONTROL]),
        outcome_kind(by_role[ColumnRole.TARGET][0]),
    )


def _as_media(column: str) -> MediaColumn:
    meaning = media_name(column)
    return MediaColumn(meaning.channel, meaning.spend_type) if meaning else MediaColumn(column)


def _distinct(media: dict[str, MediaColumn]) -> dict[str, MediaColumn]:
    """Two columns of one channel keep apart by carrying their column name on screen."""
    names = [entry.channel_name for entry in media.values()]
    return {
        column: MediaColumn(f"{entry.channel_name} ({column})", entry.spend_type)
        if names.count(entry.channel_name) > 1
        else entry
        for column, entry in media.items()
    }


def _column(table: Table, label: str) -> _Column:
    values = table.column(label)
    return _Column(label, Name.of(label), dtype(values), values, parse_numbers(values))


def _settle(
    found: dict[str, Detection], candidates: Iterable[Detection | None], role: ColumnRole, why_not: str
) -> None:
    """Give the role to the surest candidate, the first of equals; the others are ignored with the reason."""
    ranked = sorted((c for c in candidates if c), key=lambda candidate: -candidate.confidence)
    for rank, candidate in enumerate(ranked):
        if rank == 0:
            found[candidate.column] = Detection(candidate.column, role, candidate.confidence, candidate.reason)
        else:
            reason = f"{candidate.reason}; {why_not.format(best=ranked[0].column)}"
            found[candidate.column] = Detection(candidate.column, ColumnRole.IGNORED, 0.7, reason)


def _dates(columns: list[_Column]) -> Iterable[Detection | None]:
    return (_date(column) for column in columns)


def _date(column: _Column) -> Detection | None:
    word = column.name.first_of(DATE)
    counts = column.name.joined in CALENDAR and column.dtype != "date"
    if counts or (column.dtype == "number" and word is None) or column.dtype == "empty":
        return None
    if column.dtype not in ("date", "number") and (word is None or column.is_numeric):
        return None
    parsed = parse_dates(column.values)
    named = f"name contains {word.lower()!r}, " if word else ""
    share = f"{parsed.share_good:.0%} of the rows are dates".replace("%", " %")
    if column.dtype == "number":
        plausible = parsed.share_good == 1 and parsed.values.is_unique
        return (
            Detection(column.label, ColumnRole.DATE, 0.9, f"{named}{share} ({parsed.format_note})")
            if plausible
            else None
        )
    if parsed.ambiguous:
        reason = f"{named}but day and month cannot be told apart: {parsed.format_note}"
        return Detection(column.label, ColumnRole.DATE, 0.55, reason)
    if column.dtype == "date":
        sure = 0.98 if word and parsed.share_good == 1 else 0.9 if word else 0.85
        return Detection(column.label, ColumnRole.DATE, sure, f"{named}{share} ({parsed.format_note})")
    return Detection(column.label, ColumnRole.DATE, 0.5, f"{named}but only {share}")


def _settle_media(found: dict[str, Detection], columns: list[_Column]) -> None:
    """Spend before impressions before clicks: one column stands for each channel, the others are its exposure."""
    meanings = {column.label: meaning for column in columns if (meaning := _media_meaning(column))}
    used: dict[str, tuple[str, MediaName]] = {}
    for kind in SpendType:
        for label, meaning in meanings.items():
            if meaning.spend_type is kind and (kind is SpendType.SPEND or meaning.key not in used):
                used.setdefault(meaning.key, (label, meaning))
    chosen = {label for label, _ in used.values()}
    for column in columns:
        if (meaning := meanings.get(column.label)) is None:
            continue
        label, best = used[meaning.key]
        if column.label in chosen or meaning.spend_type is best.spend_type is SpendType.SPEND:
            found[column.label] = _media(column, meaning)
        else:
            unit = "spend" if best.spend_type is SpendType.SPEND else best.spend_type.value
            verb = "is" if best.spend_type is SpendType.SPEND else "are"
            reason = f"exposure ({meaning.spend_type.value}) of {best.channel}, whose {unit} ({label!r}) {verb} used"
            found[column.label] = Detection(column.label, ColumnRole.IGNORED, 0.9, reason)


def _media_meaning(column: _Column) -> MediaName | None:
    name = column.name
    if not column.is_numeric or any(name.first_of(words) for words in (RIVAL, TOTAL, ORGANIC)):
        return None
    meaning = media_name(column.label)
    if meaning is None:
        return None
    # "search_sales" or "TV promotion" only carry a channel's name: the other word says what the column is.
    weak = meaning.confidence < 0.75
    return None if weak and (name.first_of(TARGET) or name.first_of(CONTROL)) else meaning


def _media(column: _Column, meaning: MediaName) -> Detection:
    negative = column.negative_share
    confidence = min(meaning.confidence, 0.6) if negative or column.numbers.bad else meaning.confidence
    reason = f"{column.numeric_words()}, {meaning.evidence}, {_percent(negative)} negative"
    return Detection(column.label, ColumnRole.MEDIA, confidence, reason)


def _percent(share: float) -> str:
    return f"{share:.1%}".replace(".0%", "%").replace("%", " %")


def _control(column: _Column) -> Detection | None:
    name = column.name
    if not column.is_numeric:
        return None
    if word := name.first_of(RIVAL) or name.first_of(CONTROL):
        return Detection(
            column.label, ColumnRole.CONTROL, 0.93, f"{column.numeric_words()}, name contains {word.lower()!r}"
        )
    if _FEATURE.fullmatch("_".join(name.words)):
        reason = f"{column.numeric_words()}, {column.label!r} is the usual name of a driver that is no media"
        return Detection(column.label, ColumnRole.CONTROL, 0.6, reason)
    if len(name.parts) > 1 and name.parts[-1] == "B" and not name.first_of(TARGET) and not name.first_of(RATE):
        reason = f"{column.numeric_words()}, name ends in '_B', the usual mark of a baseline driver"
        return Detection(column.label, ColumnRole.CONTROL, 0.65, reason)
    return None


def _target(column: _Column) -> Detection | None:
    name = column.name
    word = name.first_of(TARGET)
    if word is None or not column.is_numeric or any(name.first_of(w) for w in (RATE, RIVAL, ORGANIC)):
        return None
    rank = TARGET[name.words[name.parts.index(word)]]
    confidence = 0.97 - 0.02 * rank - (0.05 if len(name.words) > 2 else 0) - (0.3 if column.numbers.bad else 0)
    return Detection(
        column.label, ColumnRole.TARGET, confidence, f"{column.numeric_words()}, name contains {word.lower()!r}"
    )


def _ignored(column: _Column) -> Detection:
    return Detection(column.label, ColumnRole.IGNORED, *_why_ignored(column))


def _why_ignored(column: _Column) -> tuple[float, str]:
    name = column.name
    if column.dtype == "empty":
        return 0.99, "empty"
    if word := name.first_of(GROUPS):
        return 0.9, f"{column.dtype}, name contains {word.lower()!r}: a region or group, which is no driver"
    if not column.is_numeric:
        return 0.95, f"{column.dtype}: a model needs numbers" if column.dtype != "date" else "a second column of dates"
    if word := name.first_of(RATE):
        return 0.85, f"numeric, but name contains {word.lower()!r}: a rate, not an amount that adds up over time"
    if word := name.first_of(TOTAL):
        return 0.8, f"numeric, but name contains {word.lower()!r}: a total would count its channels twice"
    if word := name.first_of(ORGANIC):
        return 0.7, f"numeric, but name contains {word.lower()!r}: there is no spend to measure a return on"
    if name.joined in CALENDAR or _counts_rows(column):
        return 0.85, "counts time or rows: the model has a trend and a season of its own"
    return 0.6, "numeric, but the name says neither outcome, channel nor driver"


def _counts_rows(column: _Column) -> bool:
    steps = np.diff(column.numbers.values)
    return len(steps) > 2 and bool(np.all(steps == steps[0])) and steps[0] != 0
