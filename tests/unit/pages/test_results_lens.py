"""What the address of the results asks for, and what it means."""

import pytest

from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.period import PeriodKind
from mixmodel_app.domain.preferences import NumberFormat
from mixmodel_app.pages._results_lens import LensForm, read_form
from mixmodel_app.wording import numbers

MONEY, COUNT = OutcomeKind.MONEY, OutcomeKind.COUNT


def test_nothing_asked_for_is_all_data_at_full_margin() -> None:
    wish = read_form(LensForm())
    assert wish.period.kind is PeriodKind.ALL
    assert wish.lens(MONEY).needed == wish.lens(MONEY).target == 1.0
    assert wish.lens(MONEY, rooms=False).target is None
    assert LensForm().query == ""


@pytest.mark.parametrize(("margin", "needed"), [("40", 2.5), ("40 %", 2.5), ("12,5", 8.0), ("100", 1.0)])
def test_break_even_is_one_by_the_margin_and_headroom_goes_there(margin: str, needed: float) -> None:
    wish = read_form(LensForm(margin=margin))
    assert wish.lens(MONEY).target == pytest.approx(needed)
    assert wish.lens(MONEY).needed == pytest.approx(needed)
    lens = read_form(LensForm(margin=margin, target="1.5")).lens(MONEY)
    assert (lens.target, lens.needed) == (1.5, pytest.approx(needed))


def test_a_count_breaks_even_where_somebody_said_what_one_is_worth() -> None:
    assert read_form(LensForm(margin="40")).lens(COUNT).needed is None
    lens = read_form(LensForm(worth="40")).lens(COUNT)
    assert lens.needed == lens.target == pytest.approx(0.025)
    assert read_form(LensForm(worth="40")).lens(MONEY).needed == 1.0


def test_numbers_are_read_as_the_workspace_writes_them() -> None:
    with numbers.looking(number_format=NumberFormat.COMMA, interval=0.8):
        wish = read_form(LensForm(worth="1.250,5", target="0,02"))
    assert (wish.worth, wish.target, wish.lens(COUNT).level) == (1250.5, 0.02, 0.8)


def test_the_address_holds_what_was_chosen_and_no_more() -> None:
    form = LensForm("custom", "2024-01-01", "2024-06-30", margin="40", target="1.5")
    assert form.query == "&period=custom&from=2024-01-01&to=2024-06-30&margin=40&target=1.5"
    assert LensForm("last_year", "2024-01-01").query == "&period=last_year"


@pytest.mark.parametrize(
    "form",
    [
        *(LensForm(margin=text) for text in ("0", "-3", "120", "much", "nan", "inf")),
        *(LensForm(target=text) for text in ("0", "x")),
        LensForm("century"),
        LensForm("custom", "soon"),
    ],
)
def test_what_means_nothing_is_refused_with_the_field(form: LensForm) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_form(form)
    assert refused.value.errors
