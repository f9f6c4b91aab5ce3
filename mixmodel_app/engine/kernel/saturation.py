"""Saturation curves and their derivatives; parameters arrive unconstrained.

| kind | f(x) | first, second | source |
|---|---|---|---|
| logistic | tanh(λx / 2) | log λ | Jin et al. (2017); PyMC-Marketing `logistic_saturation` |
| hill | x^s / (κ^s + x^s) | log s, log κ | Hill (1910); Jin et al. (2017) |
| tanh | tanh(γx) | log γ | PyMC-Marketing `tanh_saturation` with height b and γ = 1 / (bc) |
| michaelis_menten | x / (λ + x) | log λ | Michaelis and Menten (1913); PyMC-Marketing |
| root | x^a | logit a | PyMC-Marketing `root_saturation` |
"""

import math

from mixmodel_app.engine.kernel.elementary import exp_in_place, log_in_place
from mixmodel_app.engine.kernel.jit import jit

LOGISTIC, HILL, MICHAELIS_MENTEN, TANH, ROOT = range(5)


@jit
def saturate(kind, first, second, exposure, response, by_exposure, by_first, by_second):
    """Fill the response and its derivatives by exposure and by both parameters, each (T,)."""
    if kind == LOGISTIC:
        _tanh(0.5 * math.exp(first), exposure, response, by_exposure, by_first)
    elif kind == TANH:
        _tanh(math.exp(first), exposure, response, by_exposure, by_first)
    elif kind == HILL:
        _hill(math.exp(first), second, exposure, response, by_exposure, by_first, by_second)
    elif kind == MICHAELIS_MENTEN:
        _michaelis_menten(math.exp(first), exposure, response, by_exposure, by_first)
    else:
        _root(1.0 / (1.0 + math.exp(-first)), exposure, response, by_exposure, by_first)


@jit
def _tanh(steepness, exposure, response, by_exposure, by_first):
    for t in range(exposure.shape[0]):
        by_first[t] = -2.0 * steepness * exposure[t]
    exp_in_place(by_first, by_exposure)
    for t in range(exposure.shape[0]):
        value = (1.0 - by_first[t]) / (1.0 + by_first[t])
        response[t] = value
        by_exposure[t] = steepness * (1.0 - value * value)
        by_first[t] = exposure[t] * by_exposure[t]


@jit
def _hill(slope, log_kappa, exposure, response, by_exposure, by_first, by_second):
    distance, scratch = by_first, by_second
    _log(exposure, distance, scratch)
    for t in range(exposure.shape[0]):
        distance[t] -= log_kappa
        response[t] = -slope * distance[t]
    exp_in_place(response, scratch)
    for t in range(exposure.shape[0]):
        value = 1.0 / (1.0 + response[t]) if exposure[t] > 0.0 else 0.0
        response[t] = value
        by_second[t] = -slope * value * (1.0 - value)
    for t in range(exposure.shape[0]):  # apart: in one loop these arrays are too many to be told apart
        by_exposure[t] = -by_second[t] / exposure[t] if exposure[t] > 0.0 else 0.0
        by_first[t] = -by_second[t] * distance[t]


@jit
def _michaelis_menten(half, exposure, response, by_exposure, by_first):
    for t in range(exposure.shape[0]):
        total = half + exposure[t]
        response[t] = exposure[t] / total
        by_exposure[t] = half / (total * total)
        by_first[t] = -exposure[t] * by_exposure[t]


@jit
def _root(power, exposure, response, by_exposure, by_first):
    log_exposure, scratch = by_first, by_exposure
    _log(exposure, log_exposure, scratch)
    for t in range(exposure.shape[0]):
        response[t] = power * log_exposure[t]
    exp_in_place(response, scratch)
    for t in range(exposure.shape[0]):
        on = exposure[t] > 0.0
        value = response[t] if on else 0.0
        response[t] = value
        by_exposure[t] = power * value / exposure[t] if on else 0.0
        by_first[t] = value * log_exposure[t] * power * (1.0 - power)


@jit
def _log(exposure, out, scratch):
    """log(exposure), and 0 where there is none."""
    for t in range(exposure.shape[0]):
        out[t] = exposure[t] if exposure[t] > 0.0 else 1.0
    log_in_place(out, scratch)
