"""Periods as spans of days, and the public holidays that fall into them."""

import datetime as dt

import numpy as np
import pandas as pd

from mixmodel_app.domain.errors import FieldError, InvalidInput


def period_edges(dates: pd.DatetimeIndex) -> np.ndarray:
    """(T + 1) starts of the periods and the end of the last, which is as long as they usually are.

    Args:
        dates: (T) first days of the periods, in order.
    """
    starts = dates.to_numpy().astype("datetime64[s]")
    usual = np.median(np.diff(starts)) if len(starts) > 1 else np.timedelta64(1, "D")
    return np.append(starts, starts[-1] + usual)


def days_after(dates: list[str], *, monthly: bool, periods: int) -> tuple[dt.date, dt.date]:
    """First and last day of the `periods` periods that follow a series.

    Args:
        dates: first days of the periods, ISO, in order.
        monthly: months are of unlike length, so they are counted by the calendar.
    """
    days = np.array([date[:10] for date in dates], dtype="datetime64[D]")
    last: dt.date = days[-1].item()
    if monthly:
        return _months_later(last, 1), _months_later(last, 1 + periods) - dt.timedelta(days=1)
    step = max(round(float(np.median(np.diff(days).astype(float)))), 1) if len(days) > 1 else 1
    first = last + dt.timedelta(days=step)
    return first, first + dt.timedelta(days=periods * step - 1)


def _months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    longest = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, longest))


def period_of(edges: np.ndarray, day: dt.date) -> int | None:
    """The position of the period that holds a day, or None outside of all."""
    position = int(np.searchsorted(edges, np.datetime64(day), side="right")) - 1
    return position if 0 <= position < len(edges) - 1 else None


def public_holidays(edges: np.ndarray, country: str, *, field: str) -> list[tuple[int, str]]:
    """Position of the period and English name of every public holiday of a country within the periods.

    Names of holidays that fall on one day come joined by "; ".

    Raises:
        InvalidInput: for a country code that is not known; names `field`.
    """
    import holidays

    first, last = (int(edge.astype("datetime64[Y]").astype(int)) + 1970 for edge in (edges[0], edges[-1]))
    try:
        found = holidays.country_holidays(country.upper(), years=range(first, last + 1), language="en_US")
    except NotImplementedError as error:
        raise InvalidInput(
            f"There are no holidays for {country!r}.",
            errors=(FieldError(field, "must be the two-letter code of a country, such as DE"),),
        ) from error
    placed = [(period_of(edges, day), name) for day, name in sorted(found.items())]
    return [(position, name) for position, name in placed if position is not None]
