"""What a workspace may choose, and what is refused."""

import pytest

from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.preferences import NumberFormat, Preferences


def test_preferences_survive_json_and_what_is_missing_has_its_default() -> None:
    chosen = Preferences("CHF", NumberFormat.COMMA, 0.8)
    assert Preferences.from_json(chosen.to_json()) == chosen
    assert Preferences.from_json({}) == Preferences("", NumberFormat.POINT, 0.94)
    assert chosen.changed({"interval": 0.5}) == Preferences("CHF", NumberFormat.COMMA, 0.5)


@pytest.mark.parametrize("currency", ["", "€", "CHF", "R$", "zł", " kr "])
def test_symbols_and_codes_are_currencies(currency: str) -> None:
    assert Preferences().changed({"currency": currency}).currency == currency.strip()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("currency", text) for text in ("EUROS", "<b>", '"', "=1", "1", "€ €", None, 5)),
        ("number_format", "1'234"),
        *(("interval", level) for level in (0.95, 1, None, "0.8")),
        ("colour", "red"),
    ],
)
def test_anything_else_is_refused_with_its_field(field: str, value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        Preferences().changed({field: value})
    assert [error.field for error in refused.value.errors] == [field]
