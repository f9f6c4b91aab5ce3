"""Tables with a row per date and region (or product, or brand): added up to one row per date."""

from dataclasses import replace

import pandas as pd
from pandas.api.types import is_numeric_dtype

from mixmodel_app.ingest.grouping import (
    apply_rules,
    empty_cells,
    first_lines,
    key_column,
    repeats,
    rules,
    with_rows,
    without_totals,
)
from mixmodel_app.ingest.table import Table
from mixmodel_app.ingest.vocabulary import GROUPS


def geography_column(table: Table, date: str) -> str | None:
    """The column of regions or the like in a table whose dates repeat over them, else None.

    Without a name that says so it is the only column of text that tells the rows of each date apart.
    """
    if not repeats(table, date):
        return None
    return key_column(table, GROUPS, (date,)) or _only_key(table, date)


def _only_key(table: Table, date: str) -> str | None:
    texts = [name for name in table.columns if name != date and not is_numeric_dtype(table.column(name).dtype)]
    keys = [name for name in texts if 2 <= table.column(name).nunique() <= table.n_rows // 2]
    if len(keys) != 1 or table.frame[[date, keys[0]]].duplicated().any() or table.column(keys[0]).isna().any():
        return None
    return keys[0]


def national(table: Table, date: str) -> Table:
    """One row per date: amounts added up over the regions, levels such as prices and temperatures averaged.

    A table without a column of regions, or whose dates do not repeat, comes back as it is. What each column got is in
    the notes; the table as it stands in the file is `source`.
    """
    key = geography_column(table, date)
    if key is None:
        return table
    kept, totals = without_totals(table, date, key, [name for name in table.columns if name not in (date, key)])
    used = with_rows(table, kept)
    others = [name for name in used.columns if name not in (date, key)]
    found = rules(used, [date], others)
    frame = apply_rules(used.frame, [date], found).reset_index()
    order = [name for name in table.columns if name in frame.columns]
    result = replace(used, frame=frame[order], row_numbers=first_lines(used, [date]), source=table.source or table)
    notes = [*_notes(used, date, key, totals), *found.sentences(), *empty_cells(used, found)]
    return result.noted(*notes)


def _notes(table: Table, date: str, key: str, totals: list[str]) -> list[str]:
    n_keys, n_dates = table.column(key).nunique(), table.column(date).nunique()
    notes = [f"The file has a row for each {date!r} and {key!r}: its {n_keys} values were joined to national figures."]
    if totals:
        notes.append(f"Left out the rows of {', '.join(map(repr, totals[:3]))} in {key!r}: they repeat all the others.")
    pairs = table.frame[[date, key]]
    twice = int(pairs.duplicated().sum())
    if twice:
        notes.append(f"{twice:,} rows repeat a {date!r} and {key!r} that was there before; they were counted too.")
    missing = n_keys * n_dates - (len(pairs) - twice)
    if missing:
        counts = pd.Series(pairs.drop_duplicates()[date]).value_counts(sort=False)
        first = next(day for day, count in counts.items() if count < n_keys)
        notes.append(
            f"{missing:,} pairs of {date!r} and {key!r} have no row, the first on {first}: the sums of these dates "
            "are too low unless nothing happened there."
        )
    return notes
