"""Where a file can be read in more than one way: the question to the person, and the person's answers."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from mixmodel_app.domain.errors import FieldError, InvalidInput


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: the value that `ReadOptions` takes, and what it would mean, in words."""

    value: str | bool
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the file itself does not decide.

    Attributes:
        option: the field of `ReadOptions` that the answer sets.
        text: the question with an example from the file, and how it was read for now.
        choices: the possible answers; the first is how it was read.
        column: the column that it is about, or None for the whole file.
    """

    option: str
    text: str
    choices: tuple[Choice, ...]
    column: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"choices": [asdict(choice) for choice in self.choices]}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person has decided about a file; None leaves the decision to the reader.

    Attributes:
        sheet: the title of the sheet of a workbook.
        decimal: "." or ",".
        day_first: whether 03/04/2024 is 3 April.
        reshape: whether a long table or a panel becomes one row per period; False gives the table as it stands.
    """

    sheet: str | None = None
    decimal: str | None = None
    day_first: bool | None = None
    reshape: bool = True

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Read the answers of a person.

        Raises:
            InvalidInput: with one `FieldError` for each wrong or unknown answer.
        """
        allowed = {
            "sheet": lambda value: value is None or isinstance(value, str),
            "decimal": lambda value: value in (None, ".", ","),
            "day_first": lambda value: value is None or isinstance(value, bool),
            "reshape": lambda value: isinstance(value, bool),
        }
        wrong = [key for key, value in raw.items() if key not in allowed or not allowed[key](value)]
        if wrong:
            raise InvalidInput(
                f"These reading options are not understood: {', '.join(wrong)}.",
                hint='Known are sheet (a title), decimal ("." or ","), day_first and reshape (true or false).',
                errors=tuple(FieldError(key, "is not a known option or has a wrong value") for key in wrong),
            )
        return cls(**raw)
