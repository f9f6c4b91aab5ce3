"""The run form as typed: every value a text. What it means as a request, and how it differs from its preset."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.model_options import PRESETS, FitMode, Sign
from mixmodel_app.domain.run import Priority
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.pages._run_options import CHOICES, FIELDS, NUMBERS, SIGNS
from mixmodel_app.wording import numbers
from mixmodel_app.wording.settings import SETTINGS

MOST_ROWS = 100
"""As many as the configuration takes."""

_LONGEST_TEXT = 255
_FREE = Sign.FREE.value


@dataclass
class ExpectedRow:
    """What somebody expects of a channel: three numbers or none. `id` is the channel's name."""

    id: str = ""
    low: str = ""
    likely: str = ""
    high: str = ""


@dataclass
class ControlRow:
    """What is known of a driver's direction. `id` is the column's name."""

    id: str = ""
    sign: str = _FREE


@dataclass
class EventRow:
    """A stretch of days with an effect of its own."""

    id: str = ""
    name: str = ""
    start: str = ""
    end: str = ""


@dataclass
class LiftRow:
    """One experiment. `channel` is chosen from a list, so it does not make a row count as filled in."""

    id: str = ""
    channel: str = ""
    start: str = ""
    end: str = ""
    measured_to: str = ""
    extra_spend: str = ""
    extra_outcome: str = ""
    error: str = ""


type FormRow = ExpectedRow | ControlRow | EventRow | LiftRow


@dataclass
class RunForm:
    """Everything that was typed.

    Attributes:
        mode: the radio button that is on; `preset`: quick or full, whichever the settings are compared with.
        priority: among the workspace's own runs that wait; beside the request's `config`, not in it.
        settings: each value by its key in `config`.
        turn: changes whenever texts are replaced by something else than typing, so that the fields are drawn anew.
    """

    name: str = ""
    priority: str = Priority.NORMAL.value
    mode: str = FitMode.QUICK.value
    preset: str = FitMode.QUICK.value
    settings: dict[str, str] = field(default_factory=dict[str, str])
    expected: list[ExpectedRow] = field(default_factory=list[ExpectedRow])
    controls: list[ControlRow] = field(default_factory=list[ControlRow])
    events: list[EventRow] = field(default_factory=list[EventRow])
    lifts: list[LiftRow] = field(default_factory=list[LiftRow])
    turn: int = 0
    last_id: int = 0

    def choose(self, mode: FitMode) -> None:
        """Take a preset's numbers; custom keeps those that are there."""
        self.mode = mode.value
        if mode in PRESETS:
            self.preset = mode.value
            self.settings |= {key: str(value) for key, value in PRESETS[mode].items()}
            self.turn += 1

    def reset(self) -> None:
        """Every setting as the preset has it. What is known of the market stays: events, returns, experiments."""
        self.settings = preset_values(FitMode(self.preset))
        self.controls = [ControlRow(row.id) for row in self.controls]
        self.mode = self.preset
        self.turn += 1

    def change(self, key: str, text: str) -> None:
        """One setting, the name or the priority; numbers other than a preset's make the run custom."""
        if key == "name":
            self.name = text[:_LONGEST_TEXT]
        elif key == "priority":
            self.priority = text if text in set(Priority) else Priority.NORMAL.value
        elif key in self.settings:
            self.settings[key] = text.strip()[:_LONGEST_TEXT]
            if key in PRESETS[FitMode.QUICK]:
                self.mode = self._mode_of_values()
                self.preset = self.mode if FitMode(self.mode) in PRESETS else self.preset

    def change_row(self, part: str, row_id: str, key: str, text: str) -> None:
        """One field of one row; what does not exist is left alone."""
        for row in self._rows(part):
            if row.id == row_id and key != "id" and key in {each.name for each in fields(row)}:
                setattr(row, key, _known_sign(text) if key == "sign" else text.strip()[:_LONGEST_TEXT])

    def add_row(self, part: str) -> None:
        """An empty event or experiment."""
        self.last_id += 1
        new = str(self.last_id)
        if part == "events" and len(self.events) < MOST_ROWS:
            self.events = [*self.events, EventRow(new)]
        elif part == "lifts" and len(self.lifts) < MOST_ROWS:
            channel = self.expected[0].id if self.expected else ""
            self.lifts = [*self.lifts, LiftRow(new, channel)]

    def remove_row(self, part: str, row_id: str) -> None:
        """Take an event or experiment away."""
        if part == "events":
            self.events = [row for row in self.events if row.id != row_id]
        elif part == "lifts":
            self.lifts = [row for row in self.lifts if row.id != row_id]

    def drop_empty_rows(self) -> None:
        """Rows that were added and never filled in, so that the places in an error are those on screen."""
        self.events = [row for row in self.events if _filled(row, ("name", "start", "end"))]
        self.lifts = [row for row in self.lifts if _filled(row, _LIFT_FIELDS)]

    def is_for(self, other: "RunForm") -> bool:
        """Whether both forms ask about the same channels and drivers."""
        mine, theirs = ([row.id for row in (*form.expected, *form.controls)] for form in (self, other))
        return mine == theirs

    def config(self) -> dict[str, Any]:
        """The request's `config`; numbers that are not numbers stay text, so that the check names them."""
        given = {key: text for key, text in self.settings.items() if text}
        parts = {
            "expected_returns": {
                row.id: _numbers(row, _EXPECTED_FIELDS) for row in self.expected if _filled(row, _EXPECTED_FIELDS)
            },
            "control_signs": {row.id: row.sign for row in self.controls if row.sign != _FREE},
            "events": [{"name": row.name, "start": row.start, "end": row.end} for row in self.events],
            "lift_tests": [_lift(row) for row in self.lifts],
        }
        settings = {key: typed(text) if key in NUMBERS else text for key, text in given.items()}
        return {"mode": self.mode, **settings, **{key: part for key, part in parts.items() if part}}

    def differences(self) -> list[str]:
        """What differs from the preset, in words: "Carryover (adstock): Delayed, not Geometric"."""
        base, signs = preset_values(FitMode(self.preset)), dict(SIGNS)
        changed = [
            f"{SETTINGS[key]}: {_shown(key, text)}, not {_shown(key, base[key])}"
            for key, text in self.settings.items()
            if text != base[key]
        ]
        known = [f"Effect of {row.id}: {signs[row.sign].lower()}" for row in self.controls if row.sign != _FREE]
        return changed + known

    def _mode_of_values(self) -> str:
        for mode, preset in PRESETS.items():
            if all(self.settings.get(key) == str(value) for key, value in preset.items()):
                return mode.value
        return FitMode.CUSTOM.value

    def _rows(self, part: str) -> Iterable[FormRow]:
        parts: dict[str, Iterable[FormRow]] = {
            "expected": self.expected,
            "controls": self.controls,
            "events": self.events,
            "lifts": self.lifts,
        }
        return parts.get(part, ())


_EXPECTED_FIELDS = ("low", "likely", "high")
_LIFT_FIELDS = ("start", "end", "measured_to", "extra_spend", "extra_outcome", "error")


def new_form(mapping: ColumnMapping) -> RunForm:
    """The quick preset, with a row for each channel and each other driver."""
    return RunForm(
        settings=preset_values(FitMode.QUICK),
        expected=[ExpectedRow(name) for name in mapping.channel_names],
        controls=[ControlRow(name) for name in mapping.control_columns],
    )


def preset_values(mode: FitMode) -> dict[str, str]:
    """All settings of a preset as texts; the seed is empty, as it is drawn at random."""
    raw = RunConfig().to_json() | PRESETS[mode]
    return {key: "" if key == "random_seed" else f"{raw[key]}" for key in SETTINGS}


def typed(text: str) -> int | float | str:
    """A number as people type it, "1,200", "0,9" or "−3"; what is none stays text for the check to refuse."""
    try:
        number = numbers.read(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def problem_label(path: str) -> str:
    """A field of the request in the words of the form: "Experiment 2, extra spend"."""
    key = path.removeprefix("config.")
    part, _, rest = key.partition(".")
    kind, _, place = part.partition("[")
    if place:
        number = int(place.rstrip("]")) + 1 if place.rstrip("]").isdigit() else place
        return f"{_SINGULAR.get(kind, kind)} {number}{f', {FIELDS.get(rest, rest)}' if rest else ''}"
    if part == "expected_returns" and rest:
        channel, _, end = rest.rpartition(".")
        named = f"{channel}, {FIELDS[end]}" if channel and end in _EXPECTED_FIELDS else rest
        return f"Expected return of {named}"
    if part == "control_signs" and rest:
        return f"Effect of {rest}"
    return SETTINGS.get(key) or key.replace("_", " ").capitalize()


_SINGULAR = {"events": "Event", "lift_tests": "Experiment"}


def _shown(key: str, text: str) -> str:
    """A value as the form shows it: the first words of a choice, "none" for nothing."""
    label = dict(CHOICES.get(key, ())).get(text, text)
    return label.partition(":")[0] or "none"


def _known_sign(text: str) -> str:
    return text if text in dict(SIGNS) else _FREE


def _filled(row: FormRow, keys: Iterable[str]) -> bool:
    return any(getattr(row, key) for key in keys)


def _numbers(row: FormRow, keys: Iterable[str]) -> dict[str, int | float | str]:
    return {key: typed(getattr(row, key)) for key in keys}


def _lift(row: LiftRow) -> dict[str, Any]:
    """Measured to the end of the test where nothing else is said."""
    dates = {"start": row.start, "end": row.end, "measured_to": row.measured_to or None}
    return {"channel": row.channel, **dates, **_numbers(row, ("extra_spend", "extra_outcome", "error"))}
