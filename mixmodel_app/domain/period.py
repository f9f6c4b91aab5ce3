"""Which periods of the data some results are about."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.errors import FieldError, InvalidInput


class PeriodKind(StrEnum):
    """What a reader can ask for; a quarter is a fourth of a year, counted back from the last date of the data."""

    ALL = "all"
    LAST_YEAR = "last_year"
    LAST_QUARTER = "last_quarter"
    CUSTOM = "custom"

    @property
    def label(self) -> str:
        labels = {"all": "All data", "last_year": "Last year", "last_quarter": "Last quarter", "custom": "Custom"}
        return labels[self.value]


@dataclass(frozen=True, slots=True)
class Span:
    """The periods `first` to `last`, both included, of the `total` periods of the data."""

    first: int
    last: int
    total: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    @property
    def is_all(self) -> bool:
        return self.size == self.total

    @property
    def rows(self) -> slice:
        return slice(self.first, self.last + 1)

    @classmethod
    def whole(cls, total: int) -> Self:
        return cls(0, total - 1, total)


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """A wish before the data are known: a kind, and for `CUSTOM` ISO dates, either of which may be "" for open."""

    kind: PeriodKind = PeriodKind.ALL
    start: str = ""
    end: str = ""

    @classmethod
    def read(cls, kind: str = "", start: str = "", end: str = "") -> Self:
        """From the texts of an address. Dates alone mean `CUSTOM`; nothing at all means everything.

        Raises:
            InvalidInput: an unknown kind, or what is not a date.
        """
        kind = kind or (PeriodKind.CUSTOM if start or end else PeriodKind.ALL)
        if kind not in set(PeriodKind):
            known = ", ".join(PeriodKind)
            raise InvalidInput(
                f"There is no period {kind!r}.", errors=(FieldError("period", f"must be one of {known}"),)
            )
        if kind != PeriodKind.CUSTOM:
            return cls(PeriodKind(kind))
        return cls(PeriodKind.CUSTOM, _iso("from", start), _iso("to", end))

    def span(self, dates: Sequence[str], frequency: Frequency) -> Span:
        """The periods of data with these ISO dates, which rise. A year that is longer than the data is all of them.

        Raises:
            InvalidInput: no period of the data starts within the dates.
        """
        total = len(dates)
        if self.kind is PeriodKind.CUSTOM:
            first = bisect_left(dates, self.start) if self.start else 0
            last = bisect_right(dates, self.end) - 1 if self.end else total - 1
            if first > last:
                raise InvalidInput(
                    "There are no data between these dates.",
                    hint=f"The data run from {dates[0]} to {dates[-1]}.",
                    errors=(FieldError("from", "leaves no period before the end"),),
                )
            return Span(first, last, total)
        year = frequency.periods_per_year
        sizes = {PeriodKind.ALL: total, PeriodKind.LAST_YEAR: year, PeriodKind.LAST_QUARTER: max(round(year / 4), 1)}
        return Span(total - min(sizes[self.kind], total), total - 1, total)


def _iso(field: str, text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidInput(
            f"{text!r} is not a date.", errors=(FieldError(field, "must be a date like 2026-01-31"),)
        ) from None
