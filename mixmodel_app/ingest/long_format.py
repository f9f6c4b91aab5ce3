"""Tables with a row per date and channel: turned so that each channel has columns of its own."""

from dataclasses import replace
from typing import cast

import pandas as pd

from mixmodel_app.ingest.grouping import (
    apply_rules,
    empty_cells,
    first_lines,
    key_column,
    rules,
    with_rows,
    without_totals,
)
from mixmodel_app.ingest.injection import neutralise
from mixmodel_app.ingest.panel import geography_column
from mixmodel_app.ingest.records import MAX_COLUMNS
from mixmodel_app.ingest.table import Table
from mixmodel_app.ingest.vocabulary import (
    CHANNEL_KEYS,
    CHANNELS,
    EXPOSURE,
    METRIC_KEYS,
    RATE,
    SPEND,
    TARGET,
    TOTAL,
    Name,
)

_MOST_CHANNELS = 200
_MEDIA = SPEND.union(*EXPOSURE.values())


def pivot(table: Table, date: str) -> Table:
    """One row per date (and region), a column for each channel and measure: "TV spend", "TV clicks".

    The outcome is taken once where it is the same in all rows of a date, else added up. A table that is not long comes
    back as it is. What was done is in the notes; the table as it stands in the file is `source`.
    """
    key = _key(table, date)
    if key is None:
        return table
    region = geography_column(table, date)
    index = [date, *([region] if region and region != key else [])]
    numeric = [name for name in table.columns if name not in (*index, key) and _is_number(table, name)]
    measures = _measures(numeric, table, key)
    if not measures:
        return table
    return _pivoted(table, index, key, measures)


def _key(table: Table, date: str) -> str | None:
    ranked = [*CHANNEL_KEYS, METRIC_KEYS]
    named = next((found for words in ranked if (found := key_column(table, words, (date,)))), None)
    if named and not _is_number(table, named):
        return named if table.column(named).nunique() <= _MOST_CHANNELS else None
    return next((name for name in table.columns if name != date and _holds_channels(table, name)), None)


def _holds_channels(table: Table, name: str) -> bool:
    """Whether at least half of the few distinct texts of a column are names of channels."""
    column = table.column(name)
    if _is_number(table, name) or not 2 <= column.nunique() <= _MOST_CHANNELS or column.isna().any():
        return False
    texts = column.unique().tolist()
    return 2 * sum(Name.of(str(text)).first_of(CHANNELS) is not None for text in texts) >= len(texts)


def _is_number(table: Table, name: str) -> bool:
    return pd.api.types.is_numeric_dtype(table.column(name).dtype)


def _is_metric_key(table: Table, key: str) -> bool:
    if not set(Name.of(key).words) & METRIC_KEYS:
        return False
    texts = table.column(key).unique().tolist()
    return any(Name.of(str(text)).first_of(TARGET) or Name.of(str(text)).first_of(_MEDIA) for text in texts)


def _measures(numeric: list[str], table: Table, key: str) -> dict[str, str]:
    """The columns that belong to a channel, with the word for each in the new names."""
    if len(numeric) == 1 and _is_metric_key(table, key):
        return {numeric[0]: ""}
    named = [name for name in numeric if (words := Name.of(name)).first_of(_MEDIA) and not words.first_of(RATE)]
    if named:
        return {name: _without_total(name) for name in named}
    unnamed = [name for name in numeric if not Name.of(name).first_of(TARGET)]
    return {unnamed[0]: "spend"} if len(unnamed) == 1 else {}


def _without_total(name: str) -> str:
    """ "Total Spent" of each channel is its "Spent"."""
    words = name.split()
    rest = " ".join(words[1:]) if words and Name.of(words[0]).first_of(TOTAL) else ""
    return rest if rest and Name.of(rest).first_of(_MEDIA) else name


def _pivoted(table: Table, index: list[str], key: str, measures: dict[str, str]) -> Table:
    table = _same_spelling(table, key)
    kept, totals = without_totals(table, index[0], key, list(measures))
    used = with_rows(table, kept)
    wide = _wide(used, index, key, measures)
    others = [name for name in table.columns if name not in (*index, key, *measures)]
    if wide is None or len(wide.columns) > MAX_COLUMNS or set(wide.columns) & {*index, *others}:
        return table
    found = rules(used, index, [name for name in others if not Name.of(name).first_of(RATE)])
    found = replace(found, text=tuple(name for name in others if name not in (*found.once, *found.mean, *found.total)))
    rest = apply_rules(used.frame, index, found)
    frame = pd.concat([rest, wide.reindex(rest.index)], axis=1).reset_index()
    result = replace(table, frame=frame, row_numbers=first_lines(used, index), source=table.source or table)
    notes = [_what(table, frame, index, key, wide.columns[0]), *_measured(measures)]
    notes += [*_totals_note(totals, key), *_repeats_note(used, [*index, key]), *_empty_note(frame, wide)]
    return result.noted(*notes, *found.sentences(), *empty_cells(used, found))


def _same_spelling(table: Table, key: str) -> Table:
    """One spelling for values that differ only in case and blanks: "tv " and "TV" are one channel."""
    column = table.column(key)
    first: dict[str, object] = {}
    spelling = {value: first.setdefault(" ".join(str(value).casefold().split()), value) for value in column.unique()}
    changed = [f"{old!r} as {new!r}" for old, new in spelling.items() if old != new]
    if not changed:
        return table
    frame = table.frame.assign(**{key: column.map(spelling)})
    return replace(table, frame=frame).noted(
        f"Values of {key!r} in two spellings were joined: {', '.join(changed[:3])}."
    )


def _wide(table: Table, index: list[str], key: str, measures: dict[str, str]) -> pd.DataFrame | None:
    """A column per channel and measure, channels in the order of the file; None when two would share a name."""
    groups = table.frame.groupby([*index, key], sort=False)[list(measures)]
    cells = cast(pd.DataFrame, cast(pd.DataFrame, groups.sum(min_count=1)).unstack(key))
    columns: dict[str, pd.Series] = {}
    for channel in table.column(key).drop_duplicates():
        for name, word in measures.items():
            title = neutralise(f"{channel} {word}".strip())
            if title in columns:
                return None
            column = cast(pd.Series, cells[(name, channel)])
            if column.notna().to_numpy().any():
                columns[title] = column
    return pd.DataFrame(columns) if columns else None


def _what(table: Table, frame: pd.DataFrame, index: list[str], key: str, example: str) -> str:
    return (
        f"The file has a row for each {' and '.join(map(repr, [*index, key]))}: the values of {key!r} became columns "
        f"of their own, such as {example!r}. {table.n_rows:,} rows became {len(frame):,}."
    )


def _measured(measures: dict[str, str]) -> list[str]:
    unnamed = [name for name, word in measures.items() if word == "spend" and name != "spend"]
    return [f"{name!r} does not say what it measures; it was taken as spend." for name in unnamed]


def _totals_note(totals: list[str], key: str) -> list[str]:
    if not totals:
        return []
    return [f"Left out the rows of {', '.join(map(repr, totals[:3]))} in {key!r}: they repeat all the others."]


def _repeats_note(table: Table, keys: list[str]) -> list[str]:
    twice = int(table.frame.duplicated(keys).sum())
    return [f"{twice:,} rows share their {' and '.join(map(repr, keys))} with others: added up."] if twice else []


def _empty_note(frame: pd.DataFrame, wide: pd.DataFrame) -> list[str]:
    empty = int(frame[list(wide.columns)].isna().to_numpy().sum())
    return [f"{empty:,} cells are empty because the file has no row or value for them."] if empty else []
