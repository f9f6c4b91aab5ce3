"""From a checked table to the numbers that an engine gets."""

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.ingest.dates import parse_dates
from mixmodel_app.ingest.numbers import parse_numbers
from mixmodel_app.ingest.table import Table


def model_frame(table: Table | pd.DataFrame, mapping: ColumnMapping) -> pd.DataFrame:
    """The mapped columns only, sorted by date: dates as datetimes, everything else as floats without holes.

    Empty media cells become 0, empty control cells a straight line between their neighbours (at the ends the nearest
    value): what the findings MM210 and MM211 announce.

    Raises:
        InvalidInput: a column is missing, a date cannot be read, a cell is not a number, the outcome has empty cells,
            or a control is empty altogether.
    """
    source = Table.of(table) if isinstance(table, pd.DataFrame) else table
    missing = [column for column in mapping.columns() if column not in source.columns]
    if missing:
        raise _invalid(missing[0], f"The data have no column {missing[0]!r}.")
    frame = pd.DataFrame({mapping.date_column: _dates(source, mapping.date_column)})
    for column in mapping.columns()[1:]:
        frame[column] = _numbers(source, column)
    frame = frame.sort_values(mapping.date_column, kind="stable", ignore_index=True)
    return _filled(frame, mapping)


def _dates(table: Table, column: str) -> pd.DatetimeIndex:
    parsed = parse_dates(table.column(column))
    if parsed.bad_rows:
        row = table.row_numbers[parsed.bad_rows[0]]
        raise _invalid(column, f"Row {row} of {column!r} holds no readable date.")
    return parsed.values


def _numbers(table: Table, column: str) -> np.ndarray:
    numbers = parse_numbers(table.column(column))
    if numbers.bad:
        row = table.row_numbers[numbers.bad[0]]
        raise _invalid(column, f"Row {row} of {column!r} is not a number.")
    return numbers.values


def _filled(frame: pd.DataFrame, mapping: ColumnMapping) -> pd.DataFrame:
    target, controls = mapping.target_column, mapping.control_columns
    holes = {column: int(frame[column].isna().to_numpy().sum()) for column in mapping.columns()}
    if holes[target]:
        raise _invalid(target, f"The outcome {target!r} is empty in {holes[target]:,} row{'s' * (holes[target] > 1)}.")
    for column in mapping.columns()[2:]:
        if column not in controls:
            frame[column] = frame[column].fillna(0.0)
        elif holes[column] == len(frame):
            raise _invalid(column, f"The control {column!r} is empty in every row.")
        else:
            frame[column] = frame[column].interpolate(limit_direction="both")
    return frame


def _invalid(column: str, message: str) -> InvalidInput:
    return InvalidInput(
        message, hint="Check the data in the step Check of the upload.", errors=(FieldError(column, message),)
    )
