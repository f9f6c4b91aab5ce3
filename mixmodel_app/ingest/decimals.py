"""The decimal sign of each column, from the cells that leave no doubt, and what stays in doubt."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from mixmodel_app.ingest.date_formats import is_date
from mixmodel_app.ingest.numbers import Cell, undress
from mixmodel_app.ingest.text_column import TextColumn

_EVIDENCE = 500  # cells with a sign in them; enough to know a convention, few enough for large files
_A_FEW = 5
_SURE_COMMA = re.compile(
    r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}|0+,\d+|,\d+|\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d+"
)
_SURE_POINT = re.compile(
    r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?|\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}|0+\.\d+|\.\d+|\d+\.(?:\d{1,2}|\d{4,})|\d{4,}\.\d+"
)
_EITHER = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the cells of one column say: how many can only have a comma, a point, and a cell that could have both."""

    comma: int
    point: int
    either: str | None

    @property
    def own(self) -> str | None:
        """The sign that the column's own cells decide for."""
        if self.comma == self.point:
            return None
        return "," if self.comma > self.point else "."

    @property
    def is_sure(self) -> bool:
        """Whether all sure cells say the same and there is one."""
        return (self.comma > 0) != (self.point > 0)


@dataclass(frozen=True, slots=True)
class Decimals:
    """The signs of all columns.

    Attributes:
        signs: "." or "," for each column.
        common: the sign of the file as a whole.
        doubtful: for columns whose cells read differently under the other sign and nothing decides, such a cell.
    """

    signs: tuple[str, ...]
    common: str
    doubtful: dict[int, str]


def decimals(columns: Sequence[Sequence[Cell]], delimiter: str, choice: str | None = None) -> Decimals:
    """Decide the sign of every column.

    "1,5" can only be a decimal comma and "1,234,567" only thousands; "1,234" alone says nothing. A column without a
    sure cell follows the others; without any sure cell a file with semicolons has decimal commas (that is why it has
    semicolons), any other has points. Where the others would make "1,234" a decimal, thousands stay as likely.

    Args:
        choice: a person's decision for the columns that leave a doubt.
    """
    found = [evidence(column) for column in columns]
    if choice:
        return Decimals(tuple(one.own if one.is_sure and one.own else choice for one in found), choice, {})
    votes = [own for one in found if (own := one.own)]
    comma, point = votes.count(","), votes.count(".")
    common = "," if comma > point or (comma == point and not votes and delimiter == ";") else "."
    agreed = bool(votes) and (comma == 0 or point == 0)
    doubtful = {
        place: one.either
        for place, one in enumerate(found)
        if one.either and not (one.is_sure or (agreed and common not in undress(one.either)[1]))
    }
    return Decimals(tuple(one.own or common for one in found), common, doubtful)


def evidence(column: Sequence[Cell]) -> Evidence:
    """Count the cells of a column that leave no doubt."""
    comma = point = 0
    either = None
    signed = list(_with_sign(column))
    if signed and all(map(is_date, signed[:_A_FEW])):
        return Evidence(0, 0, None)  # "01.2024" is a month and says nothing about numbers
    for cell in signed:
        body = undress(cell)[1]
        comma += _SURE_COMMA.fullmatch(body) is not None
        point += _SURE_POINT.fullmatch(body) is not None
        if either is None and _EITHER.fullmatch(body):
            either = cell
    return Evidence(comma, point, either)


def _with_sign(column: Sequence[Cell]) -> Iterable[str]:
    if isinstance(column, TextColumn):
        return column.with_sign(_EVIDENCE)
    return islice((cell for cell in column if isinstance(cell, str) and ("," in cell or "." in cell)), _EVIDENCE)
