"""Fixes applied: one to a table, or a whole log again; what has changed is counted by comparing the two tables."""

import contextlib
import math
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.fixes import AppliedFix, CellChange, Change, Value
from mixmodel_app.domain.mapping_changes import changed_columns
from mixmodel_app.ingest.fixes._arguments import Arguments
from mixmodel_app.ingest.fixes._base import FIXES, Fix
from mixmodel_app.ingest.table import Table
from mixmodel_app.registry import Registry, import_all

EXAMPLES = 10


class Repaired(NamedTuple):
    """A table and mapping after a fix, and what it did."""

    table: Table
    mapping: ColumnMapping
    change: Change


def all_fixes() -> Registry[Fix]:
    """Every fix of the folder `fixes`, by kind."""
    import_all("mixmodel_app.ingest.fixes")
    return FIXES


def apply_fix(table: Table, mapping: ColumnMapping, kind: object, arguments: object) -> Repaired:
    """The table and mapping after one fix; neither of the given ones is changed.

    Raises:
        InvalidInput: the kind is not known, an argument is wrong, or the data do not allow it.
    """
    known = all_fixes()
    if not isinstance(kind, str) or kind not in known:
        message = f"must be one of {', '.join(known.keys())}"
        raise InvalidInput(f"There is no fix {kind!r}.", errors=(FieldError("kind", message),))
    fix = known.get(kind)
    after, mapping_after, sentence = fix.function(table, mapping, Arguments.of(arguments, fix.arguments))
    return Repaired(after, mapping_after, _change(table, mapping, after, mapping_after, sentence))


def replay(table: Table, log: Iterable[AppliedFix]) -> Table:
    """The table after all fixes of a log, each under the mapping under which it was first applied."""
    for entry in log:
        mapping = ColumnMapping.from_json(entry.mapping_before, table.columns)
        table = apply_fix(table, mapping, entry.kind, entry.arguments).table
    return table


def replay_where_possible(table: Table, log: Iterable[AppliedFix]) -> Table:
    """Another table of the same source after the fixes of a log, without those that it does not allow."""
    for entry in log:
        with contextlib.suppress(InvalidInput):
            table = replay(table, [entry])
    return table


def _change(
    before: Table, mapping_before: ColumnMapping, after: Table, mapping_after: ColumnMapping, sentence: str
) -> Change:
    """Rows are the same when they have the same line number; cells of rows that came or went are not counted."""
    places = {line: position for position, line in enumerate(_told_apart(before))}
    matched = [(places[line], position) for position, line in enumerate(_told_apart(after)) if line in places]
    old, kept = [position for position, _ in matched], [position for _, position in matched]
    cells = 0
    changed: list[str] = []
    examples: list[CellChange] = []
    for column in after.columns:
        differing = _differing(before, after, column, old, kept)
        cells += len(differing)
        if differing:
            changed.append(column)
        for place in differing[: EXAMPLES - len(examples)]:
            was = _cell(before, column, old[place]) if column in before.columns else None
            line = after.row_numbers[kept[place]]
            examples.append(CellChange(column, line, was, _cell(after, column, kept[place])))
    return Change(
        sentence,
        cells,
        before.n_rows - after.n_rows,
        tuple(dict.fromkeys([*changed, *changed_columns(mapping_before, mapping_after)])),
        tuple(examples),
        mapping_before != mapping_after,
    )


def _told_apart(table: Table) -> list[tuple[int, int]]:
    """The line of each row and how often it stood above: a week that is divided between months gives two of a line."""
    seen = Counter[int]()
    found: list[tuple[int, int]] = []
    for line in table.row_numbers:
        found.append((line, seen[line]))
        seen[line] += 1
    return found


def _differing(before: Table, after: Table, column: str, old: list[int], kept: list[int]) -> list[int]:
    """Places in `kept` whose cell is another; for a new column all of them, those that are not 0 first."""
    new_cells = after.column(column).iloc[kept].reset_index(drop=True)
    if column not in before.columns:
        filled = new_cells.fillna(0).to_numpy() != 0
        return [*np.flatnonzero(filled).tolist(), *np.flatnonzero(~filled).tolist()]
    old_cells = before.column(column).iloc[old].reset_index(drop=True)
    if old_cells.dtype == new_cells.dtype == float:
        same = np.equal(old_cells, new_cells) | (old_cells.isna() & new_cells.isna())
    else:
        same = pd.Series([_same(a, b) for a, b in zip(old_cells, new_cells, strict=True)], dtype=bool)
    return np.flatnonzero(~same.to_numpy()).tolist()


def _same(a: object, b: object) -> bool:
    """Equal, both empty, or a number and the same number as text."""
    if _is_empty(a) or _is_empty(b):
        return _is_empty(a) and _is_empty(b)
    return a == b or (isinstance(a, str) and isinstance(b, float) and _plain(b) == a)


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def _cell(table: Table, column: str, position: int) -> Value:
    value = table.column(column).iloc[position]
    if _is_empty(value):
        return None
    return float(value) if isinstance(value, int | float) else str(value)


def _plain(value: float) -> str:
    return repr(float(value)).removesuffix(".0")
