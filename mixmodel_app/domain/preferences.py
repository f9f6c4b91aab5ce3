"""How a workspace wants numbers to be shown: its currency, its way of writing numbers, the level of its ranges."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.estimates import HDI_PROB

CURRENCIES = ("€", "$", "£", "CHF", "¥", "₹", "kr", "zł", "Kč", "R$", "A$", "C$", "₺", "₩")
"""Offered to choose from; any other symbol or code of at most four letters can be typed."""

LEVELS = (0.5, 0.8, 0.9, HDI_PROB)
_LONGEST_CURRENCY = 4


class NumberFormat(StrEnum):
    """How numbers are written; the value is an example, as the API names it."""

    POINT = "1,234.56"
    COMMA = "1.234,56"
    SPACE = "1 234,56"

    @property
    def thousands(self) -> str:
        """What groups digits by three; a space that does not break."""
        return {"1,234.56": ",", "1.234,56": ".", "1 234,56": "\u00a0"}[self.value]

    @property
    def decimal(self) -> str:
        return "." if self is NumberFormat.POINT else ","


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one workspace chose.

    Attributes:
        currency: a symbol ("€") or a code ("CHF") before amounts of money; "" shows none.
        interval: the probability that a range holds, one of `LEVELS`.
    """

    currency: str = ""
    number_format: NumberFormat = NumberFormat.POINT
    interval: float = HDI_PROB

    def to_json(self) -> dict[str, Any]:
        return {"currency": self.currency, "number_format": self.number_format.value, "interval": self.interval}

    def changed(self, raw: dict[str, Any]) -> Self:
        """With some of the three replaced.

        Args:
            raw: values by the names of `to_json`.

        Raises:
            InvalidInput: an unknown name or a value that cannot be; names each field.
        """
        wanted = self.to_json() | raw
        errors = [
            *(FieldError(name, "is not a preference") for name in raw if name not in self.to_json()),
            *_currency_errors(wanted["currency"]),
        ]
        if wanted["number_format"] not in set(NumberFormat):
            errors.append(FieldError("number_format", f"must be one of {'; '.join(NumberFormat)}"))
        if wanted["interval"] not in LEVELS:
            errors.append(FieldError("interval", f"must be one of {', '.join(f'{level:g}' for level in LEVELS)}"))
        if errors:
            text = "; ".join(f"{error.field} {error.message}" for error in errors)
            raise InvalidInput(f"The preferences have errors: {text}.", errors=tuple(errors))
        return type(self)(wanted["currency"].strip(), NumberFormat(wanted["number_format"]), float(wanted["interval"]))

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Read what `to_json` gives; what is missing has its default. Raises as `changed`."""
        return cls().changed(raw)


def _currency_errors(value: object) -> list[FieldError]:
    """Letters and signs of currencies only: the text goes into figures, spreadsheets and pages."""
    text = value.strip() if isinstance(value, str) else None
    if text is None or len(text) > _LONGEST_CURRENCY or not all(_is_currency_letter(letter) for letter in text):
        return [FieldError("currency", f"must be a symbol or a code of at most {_LONGEST_CURRENCY} letters")]
    return []


def _is_currency_letter(letter: str) -> bool:
    return letter.isalpha() or unicodedata.category(letter) == "Sc"
