"""The priors of a model, as plain data: two sets, overrides from a request, and the checks on them.

All act on the scaled data: media ÷ its highest value, target ÷ its highest absolute value, standardised controls,
time from 0 to 1. The classic set is the documented one of the HTTP contract. The default set differs where
`benchmarks/accuracy.py` shows it nearer to the truth (ADR 0007): its heights have no prior of their own but follow from
what the channels return per unit of money, which is thought to be similar, though not how much (`engine.spec.Pool`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.model_options import Adstock, PriorSet, Saturation, Trend
from mixmodel_app.domain.run_config import RunConfig

HEIGHT = "saturation_beta"


@dataclass(frozen=True, slots=True)
class PriorSpec:
    """A distribution by its PyMC name, with its parameters."""

    dist: str
    params: Mapping[str, float]


def _spec(dist: str, **params: float) -> PriorSpec:
    return PriorSpec(dist, params)


_BASE = {
    "intercept": _spec("Normal", mu=0, sigma=10),
    "trend": _spec("Normal", mu=0, sigma=0.5),
    "drift": _spec("Normal", mu=0, sigma=0.2),
    "gamma_control": _spec("Normal", mu=0, sigma=0.5),
    "gamma_event": _spec("Normal", mu=0, sigma=0.3),
    "gamma_holiday": _spec("Normal", mu=0, sigma=0.1),
    "gamma_fourier": _spec("Normal", mu=0, sigma=0.3),
    "sigma": _spec("HalfNormal", sigma=1),
}
_ADSTOCK = {
    Adstock.GEOMETRIC: {"adstock_alpha": _spec("Beta", alpha=2, beta=2)},
    Adstock.DELAYED: {"adstock_alpha": _spec("Beta", alpha=2, beta=2), "adstock_theta": _spec("HalfNormal", sigma=2)},
    Adstock.BINOMIAL: {"adstock_alpha": _spec("Beta", alpha=2, beta=2)},
    Adstock.WEIBULL: {"adstock_lam": _spec("Gamma", mu=2, sigma=1), "adstock_k": _spec("Gamma", mu=2, sigma=1)},
    Adstock.WEIBULL_CDF: {"adstock_lam": _spec("Gamma", mu=2, sigma=1), "adstock_k": _spec("Gamma", mu=1, sigma=0.5)},
}
_SATURATION = {
    Saturation.LOGISTIC: {"saturation_lam": _spec("Gamma", alpha=2, beta=1)},
    Saturation.HILL: {
        "saturation_slope": _spec("Gamma", mu=1.4, sigma=0.5),
        "saturation_kappa": _spec("LogNormal", mu=-0.5, sigma=0.7),
    },
    Saturation.MICHAELIS_MENTEN: {"saturation_lam": _spec("Gamma", alpha=2, beta=2)},
    Saturation.TANH: {"saturation_gamma": _spec("Gamma", alpha=3, beta=2)},
    Saturation.ROOT: {"saturation_alpha": _spec("Beta", alpha=2, beta=2)},
}
_CLASSIC = {
    "saturation_lam": _spec("Gamma", alpha=1, beta=1),
    "saturation_slope": _spec("Gamma", alpha=2, beta=1),
    "saturation_kappa": _spec("Gamma", alpha=2, beta=2),
    "adstock_alpha": _spec("Beta", alpha=2, beta=2),
    HEIGHT: _spec("Gamma", alpha=2, beta=1),
}

_REAL = {
    "Normal": (("mu", "sigma"),),
    "Laplace": (("mu", "b"),),
    "StudentT": (("nu", "mu", "sigma"),),
}
_HEIGHT = {
    "Gamma": (("alpha", "beta"), ("mu", "sigma")),
    "HalfNormal": (("sigma",),),
    "Exponential": (("lam",),),
    "LogNormal": (("mu", "sigma"),),
    "InverseGamma": (("alpha", "beta"),),
}
_UNIT = {"Beta": (("alpha", "beta"), ("mu", "sigma"))}
_MAY_BE_ANY_SIGN = {(dist, "mu") for dist in (*_REAL, "LogNormal")}

type _Forms = Mapping[str, tuple[tuple[str, ...], ...]]


def default_priors(config: RunConfig) -> dict[str, PriorSpec]:
    """The priors of the parameters that `config` asks for, by name; without a height where heights are pooled."""
    shapes = {**_ADSTOCK[config.adstock_type], **_SATURATION[config.saturation_type]}
    priors = {**_BASE, **shapes}
    if config.prior_set is PriorSet.CLASSIC:
        priors |= {name: prior for name, prior in _CLASSIC.items() if name in shapes or name == HEIGHT}
    absent = {
        "trend": config.trend is Trend.NONE,
        "drift": config.trend is not Trend.SMOOTH,
        "gamma_event": not config.events,
        "gamma_holiday": not config.holidays,
    }
    return {name: prior for name, prior in priors.items() if not absent.get(name)}


def resolve_priors(config: RunConfig, channels: tuple[str, ...] | None = None) -> dict[str, PriorSpec]:
    """`default_priors` with the overrides of `config.priors`, for one channel under names like `adstock_alpha[TV]`.

    An override is `{"dist": "Gamma", "alpha": 3, "beta": 1}`, its parameters as PyMC names them.

    Args:
        channels: the names that an override may be for; not checked when None.

    Raises:
        InvalidInput: with one `FieldError` for every unknown parameter, channel, distribution or wrong value.
    """
    priors = default_priors(config)
    known = tuple(dict.fromkeys([*priors, HEIGHT]))
    errors: list[FieldError] = []
    for name, raw in config.priors.items():
        base, _, owner = name.partition("[")
        field = f"config.priors.{name}"
        if base not in known:
            errors.append(FieldError(field, f"is not a parameter here; there are {', '.join(known)}"))
        elif owner and not base.startswith(CHANNEL_PARAMETERS):
            errors.append(FieldError(field, f"cannot be for one channel: {base} belongs to none"))
        elif owner and channels is not None and owner.rstrip("]") not in channels:
            errors.append(FieldError(field, f"must name one of the channels {', '.join(channels)}"))
        elif (prior := _read(name, raw, errors)) is not None:
            priors[name] = prior
    if errors:
        raise InvalidInput(
            "The priors have errors: " + "; ".join(f"{e.field} {e.message}" for e in errors) + ".", errors=tuple(errors)
        )
    return priors


CHANNEL_PARAMETERS = ("adstock_", "saturation_")


def _allowed(name: str) -> _Forms:
    """Distributions with the support of a parameter: between 0 and 1, any number, or positive."""
    if name in ("adstock_alpha", "saturation_alpha"):
        return _UNIT
    if name in ("intercept", "trend", "drift") or name.startswith("gamma_"):
        return _REAL
    return _HEIGHT


def _read(name: str, raw: dict[str, Any], errors: list[FieldError]) -> PriorSpec | None:
    field, forms = f"config.priors.{name}", _allowed(name.partition("[")[0])
    dist = raw.get("dist")
    if not isinstance(dist, str) or dist not in forms:
        errors.append(FieldError(f"{field}.dist", f"must be one of {', '.join(forms)}"))
        return None
    params = {key: value for key, value in raw.items() if key != "dist"}
    if tuple(sorted(params)) not in {tuple(sorted(form)) for form in forms[dist]}:
        wanted = " or ".join(" and ".join(form) for form in forms[dist])
        errors.append(FieldError(field, f"must give {wanted} for {dist}"))
        return None
    wrong = [
        FieldError(f"{field}.{key}", message)
        for key, value in params.items()
        if (message := _wrong_value(dist, key, value, params))
    ]
    errors += wrong
    return None if wrong else PriorSpec(dist, {key: float(value) for key, value in params.items()})


def _wrong_value(dist: str, key: str, value: object, params: dict[str, Any]) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        return "must be a number"
    if (dist, key) not in _MAY_BE_ANY_SIGN and value <= 0:
        return "must be above 0"
    if dist == "Beta" and key == "mu" and value >= 1:
        return "must be below 1"
    if dist == "Beta" and key == "sigma" and not _beta_spread_fits(value, params.get("mu")):
        return "must be below √(mu · (1 − mu))"
    return ""


def _beta_spread_fits(sigma: float, mu: object) -> bool:
    return not isinstance(mu, int | float) or not 0 < mu < 1 or sigma**2 < mu * (1 - mu)
