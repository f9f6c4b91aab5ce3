"""A file as it was read: values, and what the person needs to find them again in their own file."""

from dataclasses import dataclass, replace
from typing import Self, cast

import pandas as pd

from mixmodel_app.domain.reading import Question


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and columns of one file.

    Attributes:
        frame: float columns where every cell is a number or empty (nan), else text as read with None for empty cells;
            numbers among text have decimal points. Dates stay text; dates of a workbook are ISO text.
        encoding: the text encoding that was used, or "xlsx".
        delimiter: the character between fields, or "" for a workbook.
        decimal: the decimal sign of the file's numbers, "." or ",".
        row_numbers: for each row of `frame` its line in the person's file; the header is usually line 1.
        notes: what was assumed or repaired, in sentences for the person.
        questions: what the file leaves open, with how it was read for now.
        sheets: the sheets of a workbook that hold a table, the one that was read first.
        source: the table as it stands in the file, when a long table or a panel was turned into one row per period.
    """

    frame: pd.DataFrame
    encoding: str
    delimiter: str
    decimal: str
    row_numbers: tuple[int, ...]
    notes: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    sheets: tuple[str, ...] = ()
    source: "Table | None" = None

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """A table around a frame that is already clean, such as a stored canonical one; rows count from line 2."""
        return cls(frame.reset_index(drop=True), "utf-8", ",", ".", tuple(range(2, len(frame) + 2)))

    def noted(self, *notes: str) -> Self:
        """The same table with more to say about it."""
        return replace(self, notes=(*self.notes, *notes))

    def asking(self, *questions: Question) -> Self:
        """The same table with questions, which are also notes: whoever shows only those hides no doubt."""
        texts = tuple(question.text for question in questions)
        return replace(self, questions=(*self.questions, *questions), notes=(*self.notes, *texts))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(str(column) for column in self.frame.columns)

    def column(self, name: str) -> pd.Series:
        """The cells of one column."""
        return cast(pd.Series, self.frame[name])

    @property
    def n_rows(self) -> int:
        return len(self.frame)
