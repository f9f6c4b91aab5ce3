"""The configuration of a run: what, with the data and the version, determines a fit."""

import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Self

from mixmodel_app.domain.config_reader import ConfigReader
from mixmodel_app.domain.errors import FieldError, InvalidInput
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


@dataclass(frozen=True, slots=True)
class RunConfig:
    """Everything that, with the data, the seed and the version, determines a fit.

    Attributes:
        n_samples: draws per chain; where they fall short of the convergence targets, more rounds of as many follow.
        l_max: longest carryover in periods.
        yearly_seasonality: number of Fourier pairs of the yearly season; 0 switches it off.
        prior_set: the priors to start from.
        priors: overrides by parameter name, e.g. `{"saturation_lam": {"dist": "Gamma", "alpha": 3, "beta": 1}}`; a name
            with a channel, `adstock_alpha[TV]`, is for that channel alone.
        expected_returns: by channel name; replaces the prior of that channel's height.
        control_signs: by column name; columns that are not named are free.
        holidays: two-letter code of a country whose public holidays are drivers; empty for none.
        random_seed: drawn at random when the request has none, and stored, so that a run can be repeated.
    """

    mode: FitMode = FitMode.QUICK
    n_samples: int = 500
    n_chains: int = 2
    tune_steps: int = 500
    adstock_type: Adstock = Adstock.GEOMETRIC
    saturation_type: Saturation = Saturation.HILL
    l_max: int = 8
    yearly_seasonality: int = 10
    trend: Trend = Trend.SMOOTH
    target_accept: float = 0.9
    prior_set: PriorSet = PriorSet.DEFAULT
    priors: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    expected_returns: dict[str, ExpectedReturn] = field(default_factory=dict[str, ExpectedReturn])
    control_signs: dict[str, Sign] = field(default_factory=dict[str, Sign])
    events: tuple[Event, ...] = ()
    holidays: str = ""
    lift_tests: tuple[LiftTest, ...] = ()
    random_seed: int = 0
    engine: str = "pymc"

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads back to an equal configuration."""
        raw = asdict(self)
        for key in ("events", "lift_tests"):
            raw[key] = [
                {name: value.isoformat() if isinstance(value, date) else value for name, value in entry.items()}
                for entry in raw[key]
            ]
        return raw

    @classmethod
    def from_json(cls, raw: object) -> Self:
        """Read a request's `config`: the preset of `mode`, then the overrides, each checked.

        Raises:
            InvalidInput: with one `FieldError` for every unknown or wrong field.
        """
        if raw is None:
            raw = {}
        if not isinstance(raw, dict):
            raise InvalidInput("config must be an object.", errors=(FieldError("config", "must be an object"),))
        reader = ConfigReader(raw)
        values = reader.read(tuple(cls.__dataclass_fields__))
        if reader.errors:
            raise InvalidInput(
                "The run configuration has errors: " + "; ".join(f"{e.field} {e.message}" for e in reader.errors) + ".",
                errors=tuple(reader.errors),
            )
        values.setdefault("random_seed", secrets.randbelow(2**31))
        config = cls(**values)
        return config if _is_preset(config) else replace(config, mode=FitMode.CUSTOM)


def _is_preset(config: RunConfig) -> bool:
    preset = PRESETS.get(config.mode)
    return preset is None or all(getattr(config, key) == value for key, value in preset.items())
