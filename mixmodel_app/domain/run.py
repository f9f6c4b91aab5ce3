"""Runs: status, stages, configuration and progress."""

import secrets
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from mixmodel_app.domain.errors import FieldError, InvalidInput


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED)


class Stage(StrEnum):
    """The parts of a run; each owns a share of the progress bar (see `share`)."""

    QUEUED = "queued"
    LOADING = "loading"
    PREPARING = "preparing"
    TUNING = "tuning"
    SAMPLING = "sampling"
    EXTRACTING = "extracting"
    DONE = "done"
    ERROR = "error"

    @property
    def share(self) -> tuple[int, int]:
        """First and last per cent of the bar."""
        return _SHARES[self]

    def percent(self, fraction: float) -> int:
        """Overall per cent when `fraction` (0 to 1) of this stage is done."""
        low, high = self.share
        return int(low + (high - low) * min(max(fraction, 0.0), 1.0))


_SHARES = {
    Stage.QUEUED: (0, 0),
    Stage.LOADING: (0, 10),
    Stage.PREPARING: (10, 15),
    Stage.TUNING: (15, 30),
    Stage.SAMPLING: (30, 90),
    Stage.EXTRACTING: (90, 100),
    Stage.DONE: (100, 100),
    Stage.ERROR: (100, 100),
}


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """One line of a run's progress, as the stream and the page carry it. `progress` is 0 to 100."""

    run_id: str
    status: RunStatus
    stage: Stage
    progress: int
    message: str
    eta_seconds: float | None = None

    @property
    def is_final(self) -> bool:
        return self.status.is_final

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "status": self.status.value, "stage": self.stage.value}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        return cls(
            run_id=raw["run_id"],
            status=RunStatus(raw["status"]),
            stage=Stage(raw["stage"]),
            progress=int(raw["progress"]),
            message=raw["message"],
            eta_seconds=None if raw.get("eta_seconds") in (None, "") else float(raw["eta_seconds"]),
        )


class FitMode(StrEnum):
    QUICK = "quick"
    FULL = "full"
    CUSTOM = "custom"


class Adstock(StrEnum):
    """Carryover shapes: geometric decay, or a Weibull density that may peak later."""

    GEOMETRIC = "geometric"
    WEIBULL = "weibull"


class Saturation(StrEnum):
    """Diminishing-returns shapes."""

    LOGISTIC = "logistic"
    HILL = "hill"


PRESETS: dict[FitMode, dict[str, int]] = {
    FitMode.QUICK: {"n_samples": 500, "n_chains": 2, "tune_steps": 500},
    FitMode.FULL: {"n_samples": 2000, "n_chains": 4, "tune_steps": 1000},
}

_LIMITS = {"n_samples": (50, 10_000), "n_chains": (1, 8), "tune_steps": (50, 10_000), "l_max": (1, 52)}


@dataclass(frozen=True, slots=True)
class RunConfig:
    """Everything that, with the data, the seed and the version, determines a fit.

    Attributes:
        l_max: longest carryover in periods.
        yearly_seasonality: number of Fourier pairs of the yearly season; 0 switches it off.
        trend: whether a linear trend is part of the baseline.
        priors: overrides by parameter name, e.g. `{"saturation_lam": {"dist": "Gamma", "alpha": 3, "beta": 1}}`.
        random_seed: drawn at random when the request has none, and stored, so that a run can be repeated.
    """

    mode: FitMode = FitMode.QUICK
    n_samples: int = 500
    n_chains: int = 2
    tune_steps: int = 500
    adstock_type: Adstock = Adstock.GEOMETRIC
    saturation_type: Saturation = Saturation.LOGISTIC
    l_max: int = 8
    yearly_seasonality: int = 2
    trend: bool = True
    target_accept: float = 0.9
    priors: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    random_seed: int = 0
    engine: str = "pymc"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

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
        errors = [
            FieldError(f"config.{key}", "is not a known setting") for key in raw if key not in cls.__dataclass_fields__
        ]
        values: dict[str, Any] = {}
        mode = _choice(raw, "mode", FitMode, FitMode.QUICK, errors)
        values.update(PRESETS.get(mode, {}), mode=mode)
        values["adstock_type"] = _choice(raw, "adstock_type", Adstock, Adstock.GEOMETRIC, errors)
        values["saturation_type"] = _choice(raw, "saturation_type", Saturation, Saturation.LOGISTIC, errors)
        for key, (low, high) in _LIMITS.items():
            _whole(raw, key, low, high, values, errors)
        _seasonality(raw, values, errors)
        _others(raw, values, errors)
        if errors:
            raise InvalidInput(
                "The run configuration has errors: " + "; ".join(f"{e.field} {e.message}" for e in errors) + ".",
                errors=tuple(errors),
            )
        values.setdefault("random_seed", secrets.randbelow(2**31))
        config = cls(**values)
        return config if _is_preset(config) else replace(config, mode=FitMode.CUSTOM)


def _is_preset(config: RunConfig) -> bool:
    preset = PRESETS.get(config.mode)
    return preset is None or all(getattr(config, key) == value for key, value in preset.items())


def _choice[E: StrEnum](raw: dict[str, Any], key: str, kind: type[E], default: E, errors: list[FieldError]) -> E:
    value = raw.get(key, default.value)
    if isinstance(value, str) and value in set(kind):
        return kind(value)
    errors.append(FieldError(f"config.{key}", "must be one of " + ", ".join(kind)))
    return default


def _whole(
    raw: dict[str, Any], key: str, low: int, high: int, values: dict[str, Any], errors: list[FieldError]
) -> None:
    if raw.get(key) is None:
        return
    value = raw[key]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        errors.append(FieldError(f"config.{key}", f"must be a whole number from {low} to {high}"))
    else:
        values[key] = value


def _seasonality(raw: dict[str, Any], values: dict[str, Any], errors: list[FieldError]) -> None:
    """`true` and `false` mean the default number of Fourier pairs and none; a number is taken as it is."""
    value = raw.get("yearly_seasonality")
    if value is None or value is True:
        return
    if value is False:
        values["yearly_seasonality"] = 0
    else:
        _whole(raw, "yearly_seasonality", 0, 10, values, errors)


def _others(raw: dict[str, Any], values: dict[str, Any], errors: list[FieldError]) -> None:
    accept = raw.get("target_accept")
    if accept is not None:
        if isinstance(accept, bool) or not isinstance(accept, int | float) or not 0.5 <= accept < 1:
            errors.append(FieldError("config.target_accept", "must be a number from 0.5 to below 1"))
        else:
            values["target_accept"] = float(accept)
    if raw.get("trend") is not None:
        if isinstance(raw["trend"], bool):
            values["trend"] = raw["trend"]
        else:
            errors.append(FieldError("config.trend", "must be true or false"))
    if raw.get("priors") is not None:
        if isinstance(raw["priors"], dict) and all(isinstance(v, dict) for v in raw["priors"].values()):
            values["priors"] = raw["priors"]
        else:
            errors.append(FieldError("config.priors", "must map parameter names to objects"))
    _whole(raw, "random_seed", 0, 2**31 - 1, values, errors)
    if raw.get("engine") is not None:
        if isinstance(raw["engine"], str) and raw["engine"]:
            values["engine"] = raw["engine"]
        else:
            errors.append(FieldError("config.engine", "must be the key of an engine"))
