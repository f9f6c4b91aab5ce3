"""Whether the model describes the data that it has seen."""

from collections.abc import Callable

import numpy as np
from scipy import special

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.results import HDI_PROB, HealthCheck
from mixmodel_app.engine.health.fitted import CHECK, GOOD, Fitted, finding, grade
from mixmodel_app.wording import numbers

R2_GOOD = 0.5
AUTOCORRELATION_LIMIT, ALTERNATION_LIMIT = 0.3, -0.5
PREDICTIVE_LIMIT = 0.005
_SEED = 41
_MOST_DRAWS = 300
_EDGE = float(special.ndtri((1 + HDI_PROB) / 2))  # standard deviations to either side that hold the likely range


def check_fit(r2: float, target: str) -> HealthCheck:
    """R² of the fitted mean: good from 0.5, unusable below 0.

    A low one does not make returns wrong, but their ranges wide; a high one proves nothing.
    """
    status = grade(r2 >= R2_GOOD, r2 >= 0)
    evidence = f"The model explains {numbers.percent(max(r2, 0))} of the movement of {target}."
    if status is not GOOD:
        evidence += " Much of it comes from something that the data do not hold; look for missing controls."
    return finding("fit_quality", status, evidence)


def check_residuals(residuals: Array, period: str) -> HealthCheck:
    """Correlation of each residual with the next: good from −0.5 to 0.3.

    What lasts in the residuals is not noise, and ranges that take it for noise are too narrow. A fit with many drivers
    makes neighbours differ a little by itself; below −0.5 sales are brought forward from one period to another.
    """
    lag_one = float(autocorrelation(residuals[None])[0])
    written = numbers.plain(round(lag_one, 2))
    evidence = f"The correlation of what is left unexplained from one {period} to the next is {written}."
    if lag_one > AUTOCORRELATION_LIMIT:
        evidence += " Something that lasts is missing from the model, and the ranges may be too narrow."
        return finding("residuals", CHECK, evidence)
    if lag_one < ALTERNATION_LIMIT:
        evidence += f" A high {period} is followed by a low one: sales are moved, not made. Use longer periods."
        return finding("residuals", CHECK, evidence)
    return finding("residuals", GOOD, evidence)


def autocorrelation(residuals: Array) -> Array:
    """(S,) first-order autocorrelation of each row of (S, T)."""
    centred = residuals - residuals.mean(axis=1, keepdims=True)
    spread = (centred**2).sum(axis=1)
    together = (centred[:, 1:] * centred[:, :-1]).sum(axis=1)
    return np.where(spread > 0, together / np.where(spread > 0, spread, 1.0), 0.0)


def check_predictive(fitted: Fitted) -> HealthCheck:
    """Data that the model makes up, beside the data: largest residual, share outside the 94 % range, autocorrelation.

    Each draw makes up noise, and its statistics are held against those of the residuals under the same draw. The
    share of draws whose made-up statistic is at least as large is a posterior predictive p-value (Gelman, Meng and
    Stern 1996); to be checked below 0.005, which is strict, as these values keep away from 0 by construction.
    """
    z = (fitted.scaled_target - fitted.mean[:_MOST_DRAWS]) / fitted.draws.sigma[:_MOST_DRAWS, None]
    made_up = np.random.default_rng(_SEED).standard_normal(z.shape)
    values = {name: float((read(made_up) >= read(z)).mean()) for name, (read, _) in _STATISTICS.items()}
    odd = [name for name, value in values.items() if value < PREDICTIVE_LIMIT]
    worst = int(np.abs(z.mean(axis=0)).argmax())
    oddest = (
        f"The oddest is {fitted.period_text(worst)}, {numbers.plain(round(float(z.mean(axis=0)[worst]), 1))} standard "
        "deviations of the noise off."
    )
    if not odd:
        return finding(
            "posterior_predictive", GOOD, f"The data hold no surprise that the model would not make up. {oddest}"
        )
    evidence = f"The data hold {' and '.join(odd)} than the model would make up."
    remedies = " ".join(dict.fromkeys(_STATISTICS[name][1] for name in odd))
    return finding("posterior_predictive", CHECK, f"{evidence} {oddest} {remedies}")


_EVENTS = "Look for events that the data do not hold, and add them."
_STATISTICS: dict[str, tuple[Callable[[Array], Array], str]] = {
    "a larger single surprise": (lambda z: np.abs(z).max(axis=1), _EVENTS),
    "more periods outside the likely range": (lambda z: (np.abs(z) > _EDGE).mean(axis=1), _EVENTS),
    "surprises that last longer": (autocorrelation, "Look for a missing driver: season, trend or demand."),
}


def check_repairs(notes: tuple[str, ...]) -> HealthCheck:
    """What had to be changed in the data before the fit."""
    return finding("data_repairs", CHECK, " ".join(notes))
