"""Formula injection: cells that a spreadsheet would run are made into plain text.

Source: OWASP, "CSV Injection". A cell is dangerous when it starts with = + - @, a tab or a carriage return; numbers
such as -3.5 are not.
"""

import pandas as pd

from mixmodel_app.ingest.numbers import plain_number

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the full-width forms run too


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet could take this cell for a formula."""
    return text.startswith(DANGEROUS) and plain_number(text) is None


def neutralise(text: str) -> str:
    """The text with a leading apostrophe when it is dangerous; safe text and numbers come back unchanged."""
    return f"'{text}" if is_dangerous(text) else text


def neutralise_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy for export with headers and text cells neutralised; numbers, dates and empty cells stay as they are."""
    safe = frame.copy()
    for position, dtype in enumerate(frame.dtypes):
        if pd.api.types.is_string_dtype(dtype) or pd.api.types.is_object_dtype(dtype):
            column = frame.iloc[:, position].astype(object)
            safe.isetitem(position, column.map(lambda cell: neutralise(cell) if isinstance(cell, str) else cell))
    safe.columns = [neutralise(str(name)) for name in frame.columns]
    return safe
