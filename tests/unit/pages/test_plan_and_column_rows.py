import pytest

from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.pages._column_cards import ColumnCard, cell_text, mapping_of
from mixmodel_app.pages._input import typed_number


def column(name: str, role: str, *, channel: str = "", spend_column: str = "") -> ColumnCard:
    return ColumnCard(name, "Number", "1, 2", role, channel, spend_column, "high", "97 %", "a reason", "")


def complete(*more: ColumnCard) -> list[ColumnCard]:
    return [column("week", "date"), column("revenue", "target"), column("tv_spend", "spend", channel="TV"), *more]


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1,200,000", 1_200_000), ("1 200 000", 1_200_000), ("1\u00a0200", 1200), (" 80 ", 80), ("12.5", 12.5), ("0", 0)],
)
def test_numbers_are_read_as_people_type_them(typed: str, value: float):
    assert typed_number(typed, "Total budget") == value


@pytest.mark.parametrize("typed", ["", "abc", "-1", "nan", "inf", "1e99"])
def test_what_is_not_an_amount_is_refused_by_name(typed: str):
    with pytest.raises(InvalidInput, match="Total budget is") as refused:
        typed_number(typed, "Total budget")
    assert refused.value.errors[0].field == "Total budget"


def test_the_mapping_follows_the_chosen_roles():
    mapping = mapping_of(complete(column("price", "control"), column("events", "ignored")))
    assert mapping == {
        "date_column": "week",
        "target_column": "revenue",
        "target_kind": "money",
        "media_columns": {"tv_spend": {"channel_name": "TV", "spend_type": "spend"}},
        "control_columns": ["price"],
    }


def test_exposure_names_the_column_of_its_money_and_spend_does_not():
    views = column("tv_views", "impressions", channel=" ", spend_column="tv_spend")
    media = mapping_of([*complete()[:2], column("tv_spend", "spend", spend_column="other"), views])["media_columns"]
    assert media["tv_views"] == {"channel_name": "tv_views", "spend_type": "impressions", "spend_column": "tv_spend"}
    assert "spend_column" not in media["tv_spend"]


def test_a_column_without_a_role_is_named():
    with pytest.raises(InvalidInput, match="Choose a role for mystery") as refused:
        mapping_of(complete(column("mystery", "")))
    assert [error.field for error in refused.value.errors] == ["mystery"]


@pytest.mark.parametrize(("missing", "sentence"), [(0, "is a date"), (1, "is an outcome"), (2, "is a channel")])
def test_each_missing_part_of_the_mapping_has_its_sentence(missing: int, sentence: str):
    columns = complete()
    del columns[missing]
    with pytest.raises(InvalidInput, match=sentence):
        mapping_of(columns)


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (1.0, "1"), (98.9, "98.9"), ("2022-01-03", "2022-01-03")])
def test_the_preview_writes_cells_plainly(value: object, text: str):
    assert cell_text(value) == text
