"""Writing one table in every dialect that the reader knows."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a program writes a table.

    Attributes:
        delimiter, decimal, encoding, end: as their names say.
        thousands: the sign between groups of three digits, or "".
        date: a `strftime` format.
        quoted: whether every field is in quotation marks.
        above, below: whole lines in front of the header and behind the last row.
    """

    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    date: str = "%Y-%m-%d"
    encoding: str = "utf-8"
    end: str = "\n"
    quoted: bool = False
    above: Sequence[str] = ()
    below: Sequence[str] = ()

    def write(self, frame: pd.DataFrame, date: str) -> bytes:
        """The table as bytes; `date` names its column of ISO dates."""
        lines = [self._line([str(name) for name in frame.columns])]
        lines += [
            self._line([self._cell(cell, name == date) for name, cell in zip(frame.columns, row, strict=True)])
            for row in frame.itertuples(index=False)
        ]
        text = self.end.join([*self.above, *lines, *self.below]) + self.end
        return text.encode(self.encoding)

    def _line(self, fields: list[str]) -> str:
        return self.delimiter.join(
            '"' + field.replace('"', '""') + '"' if self.quoted or self.delimiter in field or '"' in field else field
            for field in fields
        )

    def _cell(self, cell: object, is_date: bool) -> str:
        if is_date:
            return pd.Timestamp(str(cell)).strftime(self.date)
        if isinstance(cell, float):
            if pd.isna(cell):
                return ""
            return f"{cell:,.2f}".replace(",", "\0").replace(".", self.decimal).replace("\0", self.thousands)
        return str(cell)
