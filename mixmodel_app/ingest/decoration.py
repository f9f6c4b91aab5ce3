"""What stands beside the digits and could change their meaning: two currencies, per cents, thousands and millions."""

import re
from collections.abc import Sequence

from mixmodel_app.ingest.numbers import CURRENCY, Cell, parse_number, scaled
from mixmodel_app.ingest.vocabulary import Name

_SAMPLE = 20_000
_CURRENCY_NAMES = frozenset({"currency", "wahrung", "wahrungscode", "devise", "moneda"})


def decoration_notes(cells: Sequence[Cell], title: str) -> list[str]:
    """Sentences about a column of numbers whose decoration is not the same in every cell."""
    texts = {cell for cell in list(cells[:_SAMPLE]) if isinstance(cell, str)}
    return [*_two_currencies(texts, title), *_some_per_cents(texts, title), *_scales(texts, title)]


def currency_column_notes(cells: Sequence[Cell], title: str) -> list[str]:
    """A sentence about a column that names a currency for each row, and not always the same."""
    if not set(Name.of(title).words) & _CURRENCY_NAMES:
        return []
    found = sorted({cell for cell in cells if isinstance(cell, str)})
    if len(found) < 2:
        return []
    return [f"{title!r} names {len(found)} currencies ({', '.join(found[:3])}); the amounts were not converted."]


def _two_currencies(texts: set[str], title: str) -> list[str]:
    found = {match[0].upper().strip(".") for text in texts if (match := CURRENCY.search(text))}
    signs = {_SAME.get(sign, sign) for sign in found}
    if len(signs) < 2:
        return []
    return [f"{title!r} mixes currencies ({', '.join(sorted(signs))}); the amounts were not converted."]


_SAME = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY"}


def _some_per_cents(texts: set[str], title: str) -> list[str]:
    with_sign = sorted(text for text in texts if "%" in text)
    numbers = sorted(text for text in texts if "%" not in text and re.search(r"[1-9]", text) and parse_number(text))
    if not with_sign or not numbers:
        return []
    return [
        f"{title!r} has per cents and plain numbers: {with_sign[0]!r} was read as "
        f"{parse_number(with_sign[0]) or parse_number(with_sign[0], ','):g}, {numbers[0]!r} as it is. "
        "Write them the same way if they mean the same."
    ]


def _scales(texts: set[str], title: str) -> list[str]:
    bare = {text: CURRENCY.sub("", text).strip() for text in texts}
    found = sorted(text for text, rest in bare.items() if scaled(rest)[1] > 1)
    if not found:
        return []
    value = parse_number(found[0]) or parse_number(found[0], ",")
    return [f"{found[0]!r} in {title!r} was read as {value:,.10g}, and so for the like."] if value else []
