"""Set up a run: a preset, and behind it every setting."""

import asyncio
from typing import Any

import reflex as rx

from mixmodel_app.components.buttons import link_button, primary_button
from mixmodel_app.components.forms import field, form_error, select_input, text_input
from mixmodel_app.components.layout import grid, page_header, row, stack
from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.dataset import DatasetStatus
from mixmodel_app.domain.errors import Conflict, InvalidInput
from mixmodel_app.domain.model_options import PRESETS, Adstock, FitMode, Saturation
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.pages._input import as_id
from mixmodel_app.pages._page import page
from mixmodel_app.services import datasets, runs
from mixmodel_app.services.limits import Limit
from mixmodel_app.state.handlers import handler, loader
from mixmodel_app.state.session import SessionState

_DEFAULT = RunConfig()

_PRESETS = (
    (FitMode.QUICK, "Quick", "A first look", "2 chains of 500 draws, under a minute for two to four years of weeks."),
    (FitMode.FULL, "Full", "For decisions", "4 chains of 2,000 draws: narrower error of the ranges, a few minutes."),
    (FitMode.CUSTOM, "Custom", "Your own", "Draws, chains and tuning as you set them below."),
)
_ADSTOCKS = (
    (Adstock.GEOMETRIC.value, "Geometric: strongest at once, then fading"),
    (Adstock.WEIBULL.value, "Weibull: may peak later"),
)
_SATURATIONS = (
    (Saturation.LOGISTIC.value, "Logistic: returns fall from the first unit"),
    (Saturation.HILL.value, "Hill: may start slowly (S-shape)"),
)
_NUMBERS = {
    "n_samples": "Draws per chain",
    "n_chains": "Chains",
    "tune_steps": "Tuning steps per chain",
    "l_max": "Longest carryover, in periods",
    "yearly_seasonality": "Season: Fourier pairs (0 for none)",
    "random_seed": "Random seed",
}


class NewRunState(SessionState):
    """The form, and the dataset it is for."""

    dataset_id: str = ""
    dataset_name: str = ""
    name: str = ""
    mode: str = FitMode.QUICK.value
    adstock: str = _DEFAULT.adstock_type.value
    saturation: str = _DEFAULT.saturation_type.value
    values: dict[str, str] = {}  # noqa: RUF012 (Reflex copies the default for every person)
    problem: str = ""
    starting: bool = False

    @loader(requires=Role.MEMBER)
    async def load(self, principal: Principal) -> None:
        """The dataset of the address, and the quick preset."""
        found = await asyncio.to_thread(datasets.get, principal, as_id(self._query_param("dataset")))
        if found["status"] != DatasetStatus.VALIDATED.value:
            raise Conflict("This dataset is not ready for a run.", hint="Confirm its columns and check it first.")
        known = self.dataset_id == found["id"]
        self.dataset_id, self.dataset_name = found["id"], found["filename"]
        self.problem, self.starting = "", False
        if not known:
            self._begin()

    def _begin(self) -> None:
        """An empty form. A page that only reconnects keeps what was typed."""
        self.name = ""
        self.adstock, self.saturation = _DEFAULT.adstock_type.value, _DEFAULT.saturation_type.value
        self.values = {"l_max": str(_DEFAULT.l_max), "yearly_seasonality": str(_DEFAULT.yearly_seasonality)}
        self.values |= {"random_seed": ""}
        self._use_preset(FitMode.QUICK)

    @handler(requires=Role.MEMBER)
    async def choose_mode(self, principal: Principal, mode: str) -> None:
        """Take a preset; custom keeps the numbers that are there."""
        if mode in set(FitMode):
            self._use_preset(FitMode(mode))

    @handler(requires=Role.MEMBER)
    async def change(self, principal: Principal, key: str, value: str) -> None:
        """One setting. Draws, chains and tuning that differ from the preset make the run custom."""
        if key == "adstock":
            self.adstock = value
        elif key == "saturation":
            self.saturation = value
        elif key == "name":
            self.name = value[:255]
        elif key in _NUMBERS:
            self.values = {**self.values, key: value.strip()}
            self.mode = self._mode_of_values()

    @handler(requires=Role.MEMBER, limit=Limit.RUN)
    async def start(self, principal: Principal):
        """Queue the run and go to its page. A second press while it starts does nothing."""
        if self.starting:
            return
        self.problem, self.starting = "", True
        yield
        try:
            config = self._config()
            run = await asyncio.to_thread(runs.start, principal, as_id(self.dataset_id), self.name, config)
        except InvalidInput as error:
            named = "; ".join(f"{_label(each.field)} {each.message}" for each in error.errors)
            self.problem = named or error.sentence()
            return
        finally:
            self.starting = False
        self._begin()
        yield rx.redirect(f"/runs/{run['id']}")

    def _use_preset(self, mode: FitMode) -> None:
        self.mode = mode.value
        self.values = {**self.values, **{key: str(value) for key, value in PRESETS.get(mode, {}).items()}}

    def _mode_of_values(self) -> str:
        for mode, preset in PRESETS.items():
            if all(self.values.get(key) == str(value) for key, value in preset.items()):
                return mode.value
        return FitMode.CUSTOM.value

    def _config(self) -> dict[str, Any]:
        """The request's `config`; numbers that are not numbers stay text, so that the check names them."""
        given = {key: text for key, text in self.values.items() if text}
        numbers = {key: int(text) if text.isascii() and text.isdigit() else text for key, text in given.items()}
        return {"mode": self.mode, "adstock_type": self.adstock, "saturation_type": self.saturation, **numbers}


@page("/runs/new", title="Set up a run", requires=Role.MEMBER, parent="/runs", on_load=NewRunState.load)
def run_new() -> rx.Component:
    """Three presets, a name, and the settings behind a fold."""
    return stack(
        page_header("Set up a run", NewRunState.dataset_name),
        rx.el.fieldset(
            rx.el.legend("How thorough?", class_name="mm-legend"),
            grid(*(_preset(mode, title, use, text) for mode, title, use, text in _PRESETS)),
            class_name="mm-fieldset",
        ),
        field(
            "Name",
            text_input("name", value=NewRunState.name, on_change=lambda value: NewRunState.change("name", value)),
            name="name",
            optional=True,
        ),
        rx.el.details(
            rx.el.summary("All settings"),
            _settings(),
            class_name="mm-details",
            open=NewRunState.mode == FitMode.CUSTOM.value,
        ),
        form_error(NewRunState.problem),
        row(
            primary_button("Start the fit", icon_name="play", on_click=NewRunState.start, loading=NewRunState.starting),
            link_button("Back to the checks", "/datasets/" + NewRunState.dataset_id + "/check"),
        ),
    )


def _preset(mode: FitMode, title: str, use: str, text: str) -> rx.Component:
    radio = rx.el.input(
        type="radio",
        name="mode",
        value=mode.value,
        checked=NewRunState.mode == mode.value,
        on_change=lambda _: NewRunState.choose_mode(mode.value),
    )
    return rx.el.label(
        radio,
        rx.el.span(rx.el.strong(title), rx.el.span(use, class_name="mm-hint"), class_name="mm-preset-head"),
        rx.el.span(text, class_name="mm-hint"),
        class_name="mm-card mm-preset",
        custom_attrs={"data-chosen": rx.cond(NewRunState.mode == mode.value, "true", "false")},
    )


def _settings() -> rx.Component:
    shapes = (
        ("adstock", "Carryover (adstock)", _ADSTOCKS, NewRunState.adstock),
        ("saturation", "Diminishing returns (saturation)", _SATURATIONS, NewRunState.saturation),
    )
    return grid(
        *(_choice(key, label, options, value) for key, label, options, value in shapes),
        *(_number(key, label) for key, label in _NUMBERS.items()),
        columns=2,
    )


def _choice(key: str, label: str, options: tuple[tuple[str, str], ...], value: rx.Var[str]) -> rx.Component:
    control = select_input(key, options, value=value, on_change=lambda chosen: NewRunState.change(key, chosen))
    return field(label, control, name=key)


def _number(key: str, label: str) -> rx.Component:
    control = text_input(
        key,
        value=NewRunState.values[key],
        on_change=lambda text: NewRunState.change(key, text),
        input_mode="numeric",
        placeholder="drawn at random" if key == "random_seed" else "",
    )
    return field(label, control, name=key, optional=key == "random_seed")


def _label(path: str) -> str:
    key = path.removeprefix("config.")
    return _NUMBERS.get(key, key)
