"""What a reader of the results asks for in the address: period, margin, marginal return; and the bar to change it."""

from dataclasses import dataclass
from urllib.parse import urlencode

import reflex as rx

from mixmodel_app.components.buttons import secondary_button
from mixmodel_app.components.forms import field, form_error, select_input, text_input
from mixmodel_app.components.values import FromState
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.period import PeriodChoice, PeriodKind
from mixmodel_app.services.results import Reading
from mixmodel_app.wording import numbers

_PERIODS = tuple((kind.value, kind.label) for kind in PeriodKind)


@dataclass
class LensForm:
    """The bar's fields as texts: dates as ISO, `margin` in per cent, `worth` of one in money, `target` as a return.

    "" is the default.
    """

    period: str = PeriodKind.ALL.value
    start: str = ""
    end: str = ""
    margin: str = ""
    worth: str = ""
    target: str = ""

    @property
    def query(self) -> str:
        """The fields that say something, as the part of an address after "view=…": "" or "&period=last_year"."""
        custom = self.period == PeriodKind.CUSTOM
        fields = {
            "period": "" if self.period == PeriodKind.ALL else self.period,
            "from": self.start if custom else "",
            "to": self.end if custom else "",
            "margin": self.margin,
            "worth": self.worth,
            "target": self.target,
        }
        said = {name: text for name, text in fields.items() if text}
        return f"&{urlencode(said)}" if said else ""


def read_form(form: LensForm) -> Reading:
    """What the texts mean.

    Raises:
        InvalidInput: a text that means nothing; says which.
    """
    period = PeriodChoice.read(form.period, form.start, form.end)
    margin = _number(form.margin, "margin", "Margin", 100) / 100 if form.margin else 1.0
    worth = _number(form.worth, "worth", "Worth of one", 1e12) if form.worth else None
    target = _number(form.target, "target", "Return on the next 1", 1e6) if form.target else None
    return Reading(period, margin, worth, target)


def _number(text: str, name: str, label: str, most: float) -> float:
    try:
        value = numbers.read(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= most:
        limit = f" and at most {numbers.plain(most)}" if most <= 100 else ""
        raise InvalidInput(
            f"{label} must be a number above 0{limit}.", errors=(FieldError(name, "is not such a number"),)
        )
    return value


def lens_bar(
    form: FromState,
    note: FromState,
    problem: FromState,
    change: FromState,
    apply: FromState,
    *,
    rooms: FromState,
    counts: FromState,
    thing: FromState,
) -> rx.Component:
    """The fields in one line, what the period means, and what is wrong with them.

    Args:
        form: a `LensForm`; note: a sentence about the period, "" for all data.
        change: handler of (field, text); apply: handler that goes to the address of the form.
        rooms: whether the marginal return is asked for, which the manager's view uses.
        counts: whether the outcome is a count of `thing`s: then what one is worth takes the place of the margin.
    """
    dates = rx.cond(
        form.period == PeriodKind.CUSTOM.value,
        rx.fragment(
            _date("From", "start", form.start, change),
            _date("To", "end", form.end, change),
        ),
        rx.fragment(),
    )
    economics = rx.fragment(
        rx.cond(
            counts,
            _number_field("Worth of one " + thing, "worth", form.worth, change, "not known"),
            _number_field("Margin, %", "margin", form.margin, change, "100"),
        ),
        rx.cond(
            rooms,
            _number_field("Headroom to a return of", "target", form.target, change, "break-even"),
            rx.fragment(),
        ),
    )
    period = select_input("period", _PERIODS, value=form.period, on_change=lambda text: change("period", text))
    return rx.el.div(
        rx.el.div(
            field("Period", period, name="period"),
            dates,
            economics,
            secondary_button("Apply", on_click=apply),
            class_name="mm-row mm-row-end mm-lens-fields",
        ),
        form_error(problem),
        rx.cond(note, rx.el.p(note, class_name="mm-hint"), rx.fragment()),
        role="search",
        aria_label="Period and economics",
        class_name="mm-lens",
    )


def _date(label: str, name: str, value: FromState, change: FromState) -> rx.Component:
    typed = text_input(name, type="date", default_value=value, key=value, on_blur=lambda text: change(name, text))
    return field(label, typed, name=name)


def _number_field(label: str, name: str, value: FromState, change: FromState, placeholder: str) -> rx.Component:
    typed = text_input(
        name,
        default_value=value,
        key=value,
        placeholder=placeholder,
        input_mode="decimal",
        auto_complete="off",
        on_blur=lambda text: change(name, text),
    )
    return field(label, typed, name=name)
