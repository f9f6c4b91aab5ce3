"""The priors of a model, as plain data: defaults, overrides from a request, and the checks on them.

All act on the scaled data: media ÷ its highest value, target ÷ its highest absolute value, standardised controls,
time from 0 to 1. Adstock alpha, saturation lambda, height (`saturation_beta`), intercept and sigma are the documented
defaults of the HTTP contract. Hill and Weibull shapes are weakly informative on ranges that the data can tell apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.domain.run import Adstock, RunConfig, Saturation


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
    "gamma_control": _spec("Normal", mu=0, sigma=0.5),
    "gamma_fourier": _spec("Normal", mu=0, sigma=0.3),
    "sigma": _spec("HalfNormal", sigma=1),
    "saturation_beta": _spec("Gamma", alpha=2, beta=1),
}
_ADSTOCK = {
    Adstock.GEOMETRIC: {"adstock_alpha": _spec("Beta", alpha=2, beta=2)},
    Adstock.WEIBULL: {"adstock_lam": _spec("Gamma", mu=2, sigma=1), "adstock_k": _spec("Gamma", mu=2, sigma=1)},
}
_SATURATION = {
    Saturation.LOGISTIC: {"saturation_lam": _spec("Gamma", alpha=1, beta=1)},
    Saturation.HILL: {
        "saturation_slope": _spec("Gamma", alpha=2, beta=1),
        "saturation_kappa": _spec("Gamma", alpha=2, beta=2),
    },
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
    """The priors of the shapes that `config` asks for, by parameter name."""
    return {**_BASE, **_ADSTOCK[config.adstock_type], **_SATURATION[config.saturation_type]}


def resolve_priors(config: RunConfig) -> dict[str, PriorSpec]:
    """`default_priors` with the overrides of `config.priors`.

    An override is `{"dist": "Gamma", "alpha": 3, "beta": 1}`, its parameters as PyMC names them.

    Raises:
        InvalidInput: with one `FieldError` for every unknown parameter, distribution or wrong value.
    """
    priors = default_priors(config)
    errors: list[FieldError] = []
    for name, raw in config.priors.items():
        if name not in priors:
            errors.append(
                FieldError(f"config.priors.{name}", f"is not a parameter here; there are {', '.join(priors)}")
            )
        else:
            priors[name] = _read(name, raw, priors[name], errors)
    if errors:
        raise InvalidInput(
            "The priors have errors: " + "; ".join(f"{e.field} {e.message}" for e in errors) + ".", errors=tuple(errors)
        )
    return priors


def _allowed(name: str) -> _Forms:
    """Distributions with the support of a parameter: between 0 and 1, any number, or positive."""
    if name == "adstock_alpha":
        return _UNIT
    if name in ("intercept", "trend", "gamma_control", "gamma_fourier"):
        return _REAL
    return _HEIGHT


def _read(name: str, raw: dict[str, Any], fallback: PriorSpec, errors: list[FieldError]) -> PriorSpec:
    field, forms = f"config.priors.{name}", _allowed(name)
    dist = raw.get("dist")
    if not isinstance(dist, str) or dist not in forms:
        errors.append(FieldError(f"{field}.dist", f"must be one of {', '.join(forms)}"))
        return fallback
    params = {key: value for key, value in raw.items() if key != "dist"}
    if tuple(sorted(params)) not in {tuple(sorted(form)) for form in forms[dist]}:
        wanted = " or ".join(" and ".join(form) for form in forms[dist])
        errors.append(FieldError(field, f"must give {wanted} for {dist}"))
        return fallback
    wrong = [
        FieldError(f"{field}.{key}", message)
        for key, value in params.items()
        if (message := _wrong_value(dist, key, value, params))
    ]
    errors += wrong
    return fallback if wrong else PriorSpec(dist, {key: float(value) for key, value in params.items()})


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
