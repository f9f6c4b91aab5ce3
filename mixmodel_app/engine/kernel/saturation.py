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

import numba as nb

LOGISTIC, HILL, MICHAELIS_MENTEN, TANH, ROOT = range(5)


@nb.njit(cache=True, nogil=True, error_model="numpy")
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


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _tanh(steepness, exposure, response, by_exposure, by_first):
    for t in range(exposure.shape[0]):
        fallen = math.exp(-2.0 * steepness * exposure[t])
        value = (1.0 - fallen) / (1.0 + fallen)  # tanh, in half of the time that math.tanh takes
        response[t] = value
        by_exposure[t] = steepness * (1.0 - value * value)
        by_first[t] = exposure[t] * by_exposure[t]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _hill(slope, log_kappa, exposure, response, by_exposure, by_first, by_second):
    for t in range(exposure.shape[0]):
        if exposure[t] <= 0.0:
            response[t] = by_exposure[t] = by_first[t] = by_second[t] = 0.0
            continue
        distance = math.log(exposure[t]) - log_kappa
        value = 1.0 / (1.0 + math.exp(-slope * distance))
        spread = slope * value * (1.0 - value)
        response[t] = value
        by_exposure[t] = spread / exposure[t]
        by_first[t] = spread * distance
        by_second[t] = -spread


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _michaelis_menten(half, exposure, response, by_exposure, by_first):
    for t in range(exposure.shape[0]):
        total = half + exposure[t]
        response[t] = exposure[t] / total
        by_exposure[t] = half / (total * total)
        by_first[t] = -exposure[t] * by_exposure[t]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _root(power, exposure, response, by_exposure, by_first):
    for t in range(exposure.shape[0]):
        if exposure[t] <= 0.0:
            response[t] = by_exposure[t] = by_first[t] = 0.0
            continue
        log_exposure = math.log(exposure[t])
        value = math.exp(power * log_exposure)
        response[t] = value
        by_exposure[t] = power * value / exposure[t]
        by_first[t] = value * log_exposure * power * (1.0 - power)
