"""Reading the `config` of a request: every field checked, every mistake named, all at once."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any

from mixmodel_app.domain.errors import FieldError
from mixmodel_app.domain.model_options import (
    PRESETS,
    Adstock,
    Event,
    ExpectedReturn,
    FitMode,
    LiftTest,
    PriorSet,
    Saturation,
    Sign,
    Trend,
)

_WHOLE = {
    "n_samples": (50, 10_000),
    "n_chains": (1, 8),
    "tune_steps": (50, 10_000),
    "l_max": (1, 52),
    "random_seed": (0, 2**31 - 1),
}
_LONGEST_LIST = 100


class ConfigReader:
    """Reads the fields of a request one by one; what is wrong is collected, so that a person hears of all at once."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.errors: list[FieldError] = []
        self.values: dict[str, Any] = {}

    def read(self, known: tuple[str, ...]) -> dict[str, Any]:
        for key in self.raw:
            if key not in known:
                self.wrong(key, "is not a known setting")
        mode = self.choice("mode", FitMode, FitMode.QUICK)
        self.values.update(PRESETS.get(mode, {}), mode=mode)
        self.values["adstock_type"] = self.choice("adstock_type", Adstock, Adstock.GEOMETRIC)
        self.values["saturation_type"] = self.choice("saturation_type", Saturation, self.usual_saturation())
        for key, (low, high) in _WHOLE.items():
            self.whole(key, low, high)
        self.seasonality()
        self.trend()
        self.target_accept()
        self.priors()
        self.mapping("expected_returns", self.expected_return)
        self.mapping("control_signs", lambda where, value: self.one_of(where, value, Sign))
        self.listing("events", self.event)
        self.listing("lift_tests", self.lift_test)
        self.text("holidays", 0, 2, "must be the two-letter code of a country, or empty")
        self.text("engine", 1, 50, "must be the key of an engine")
        return self.values

    def wrong(self, where: str, message: str) -> None:
        self.errors.append(FieldError(f"config.{where}", message))

    def choice[E: StrEnum](self, key: str, kind: type[E], default: E) -> E:
        value = self.raw.get(key)
        return default if value is None else self.one_of(key, value, kind) or default

    def usual_saturation(self) -> Saturation:
        """Hill, which can be concave or S-shaped; logistic where a prior is given for its parameter."""
        priors = self.raw.get("priors")
        names = {name.partition("[")[0] for name in priors} if isinstance(priors, dict) else set[str]()
        return Saturation.LOGISTIC if "saturation_lam" in names else Saturation.HILL

    def one_of[E: StrEnum](self, where: str, value: object, kind: type[E]) -> E | None:
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        self.wrong(where, "must be one of " + ", ".join(kind))
        return None

    def whole(self, key: str, low: int, high: int) -> None:
        value = self.raw.get(key)
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(key, f"must be a whole number from {low} to {high}")
        else:
            self.values[key] = value

    def text(self, key: str, shortest: int, longest: int, message: str) -> None:
        value = self.raw.get(key)
        if value is None:
            return
        if isinstance(value, str) and shortest <= len(value) <= longest:
            self.values[key] = value
        else:
            self.wrong(key, message)

    def seasonality(self) -> None:
        """`true` and `false` mean the default number of Fourier pairs and none; a number is taken as it is."""
        value = self.raw.get("yearly_seasonality")
        if value is False:
            self.values["yearly_seasonality"] = 0
        elif value is not True:
            self.whole("yearly_seasonality", 0, 10)

    def trend(self) -> None:
        """`true` and `false` mean a straight line and none."""
        value = self.raw.get("trend")
        if isinstance(value, bool):
            self.values["trend"] = Trend.LINEAR if value else Trend.NONE
        elif value is not None and (found := self.one_of("trend", value, Trend)):
            self.values["trend"] = found

    def target_accept(self) -> None:
        value = self.raw.get("target_accept")
        if value is None:
            return
        if isinstance(value, int | float) and not isinstance(value, bool) and 0.5 <= value < 1:
            self.values["target_accept"] = float(value)
        else:
            self.wrong("target_accept", "must be a number from 0.5 to below 1")

    def priors(self) -> None:
        """A name of a set, or overrides by parameter name."""
        self.values["prior_set"] = self.choice("prior_set", PriorSet, PriorSet.DEFAULT)
        value = self.raw.get("priors")
        if isinstance(value, str):
            if found := self.one_of("priors", value, PriorSet):
                self.values["prior_set"] = found
        elif value is not None:
            if isinstance(value, dict) and all(isinstance(each, dict) for each in value.values()):
                self.values["priors"] = value
            else:
                self.wrong("priors", "must be the name of a set or map parameter names to objects")

    def mapping(self, key: str, read: Callable[[str, object], Any]) -> None:
        value = self.raw.get(key)
        if value is None:
            return
        if not isinstance(value, dict) or len(value) > _LONGEST_LIST:
            self.wrong(key, "must be an object")
            return
        found = {name: read(f"{key}.{name}", each) for name, each in value.items()}
        self.values[key] = {name: each for name, each in found.items() if each is not None}

    def listing(self, key: str, read: Callable[[str, object], Any]) -> None:
        value = self.raw.get(key)
        if value is None:
            return
        if not isinstance(value, list) or len(value) > _LONGEST_LIST:
            self.wrong(key, f"must be a list of at most {_LONGEST_LIST}")
            return
        found = [read(f"{key}[{number}]", each) for number, each in enumerate(value)]
        self.values[key] = tuple(each for each in found if each is not None)

    def expected_return(self, where: str, value: object) -> ExpectedReturn | None:
        numbers = self._numbers(where, value, ("low", "likely", "high"))
        if numbers is None:
            return None
        if not 0 < numbers["low"] < numbers["likely"] < numbers["high"]:
            self.wrong(where, "must have 0 < low < likely < high")
            return None
        return ExpectedReturn(**numbers)

    def event(self, where: str, value: object) -> Event | None:
        dates = self._dates(where, value, ("start", "end"))
        name = value.get("name") if isinstance(value, dict) else None
        if not isinstance(name, str) or not name.strip() or len(name) > 100:
            self.wrong(f"{where}.name", "must be a name of at most 100 characters")
            return None
        if dates is None:
            return None
        if dates["end"] < dates["start"]:
            self.wrong(f"{where}.end", "must not be before the start")
            return None
        return Event(name.strip(), **dates)

    def lift_test(self, where: str, value: object) -> LiftTest | None:
        if isinstance(value, dict) and value.get("measured_to") is None:
            value = {**value, "measured_to": value.get("end")}
        dates = self._dates(where, value, ("start", "end", "measured_to"))
        numbers = self._numbers(where, value, ("extra_spend", "extra_outcome", "error"))
        channel = value.get("channel") if isinstance(value, dict) else None
        if not isinstance(channel, str):
            self.wrong(f"{where}.channel", "must be the name of a channel")
        if dates is None or numbers is None or not isinstance(channel, str):
            return None
        if not dates["start"] <= dates["end"] <= dates["measured_to"]:
            self.wrong(where, "must have start ≤ end ≤ measured_to")
        elif numbers["extra_spend"] == 0 or numbers["error"] <= 0:
            self.wrong(where, "must have some extra spend and an error above 0")
        else:
            return LiftTest(
                channel,
                dates["start"],
                dates["end"],
                dates["measured_to"],
                numbers["extra_spend"],
                numbers["extra_outcome"],
                numbers["error"],
            )
        return None

    def _numbers(self, where: str, value: object, names: tuple[str, ...]) -> dict[str, float] | None:
        found: dict[str, float] = {}
        for name in names:
            number = value.get(name) if isinstance(value, dict) else None
            if isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < 1e15:
                found[name] = float(number)
            else:
                self.wrong(f"{where}.{name}", "must be a number")
        return found if len(found) == len(names) else None

    def _dates(self, where: str, value: object, names: tuple[str, ...]) -> dict[str, date] | None:
        found: dict[str, date] = {}
        for name in names:
            text = value.get(name) if isinstance(value, dict) else None
            try:
                found[name] = date.fromisoformat(text) if isinstance(text, str) else date.fromisoformat("")
            except ValueError:
                self.wrong(f"{where}.{name}", "must be a date such as 2026-01-31")
        return found if len(found) == len(names) else None
