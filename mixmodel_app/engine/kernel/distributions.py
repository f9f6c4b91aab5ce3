"""Log densities of the prior families up to their constants, with derivatives; parameters as PyMC names them.

The constants do not depend on what is sampled; `log_constant` gives them once per model.
"""

import math

import numpy as np
from scipy import special

from mixmodel_app.engine.kernel.jit import jit

NORMAL, LAPLACE, STUDENT_T, HALF_NORMAL, GAMMA, BETA, LOG_NORMAL, EXPONENTIAL, INVERSE_GAMMA = range(9)


@jit
def log_density(family, value, first, second, third):
    """Log density at `value` without its constant, and its derivative there: (float, float)."""
    if family == NORMAL:
        z = (value - first) / second
        return -0.5 * z * z, -z / second
    if family == LAPLACE:
        distance = value - first
        return -abs(distance) / second, -math.copysign(1.0, distance) / second
    if family == STUDENT_T:
        z = (value - second) / third
        return -0.5 * (first + 1.0) * math.log1p(z * z / first), -(first + 1.0) * z / (third * (first + z * z))
    if family == HALF_NORMAL:
        z = value / first
        return -0.5 * z * z, -z / first
    if family == GAMMA:
        return (first - 1.0) * math.log(value) - second * value, (first - 1.0) / value - second
    if family == BETA:
        other = 1.0 - value
        return (
            (first - 1.0) * math.log(value) + (second - 1.0) * math.log1p(-value),
            (first - 1.0) / value - (second - 1.0) / other,
        )
    if family == LOG_NORMAL:
        z = (math.log(value) - first) / second
        return -0.5 * z * z - math.log(value), -(z / second + 1.0) / value
    if family == EXPONENTIAL:
        return -first * value, -first
    return -(first + 1.0) * math.log(value) - second / value, (second / value - first - 1.0) / value


def log_constant(family: int, first: float, second: float, third: float) -> float:
    """What `log_density` leaves out."""
    half_log_two_pi = 0.5 * np.log(2 * np.pi)
    if family in (NORMAL, LOG_NORMAL):
        return -np.log(second) - half_log_two_pi
    if family == LAPLACE:
        return -np.log(2 * second)
    if family == STUDENT_T:
        gammas = special.gammaln((first + 1) / 2) - special.gammaln(first / 2)
        return float(gammas - np.log(first * np.pi) / 2 - np.log(third))
    if family == HALF_NORMAL:
        return np.log(2 / first) - half_log_two_pi
    if family == BETA:
        return float(-special.betaln(first, second))
    if family == EXPONENTIAL:
        return np.log(first)
    return float(first * np.log(second) - special.gammaln(first))
