"""e^x and log x of a whole array, four numbers at once: a fifth of the time of `math.exp` and `math.log`.

Loops without a call or a branch are what the compiler turns into vector instructions; hence the arithmetic by hand.
"""

import math

import numpy as np

from mixmodel_app.engine.kernel.jit import contracted

# log 2 in two parts, the first with zeros at its end, so that n times it is exact (Cody and Waite, 1980).
_LOG_2_HIGH = 0.693145751953125
_LOG_2_LOW = 1.4286068203094172e-06
_PER_LOG_2 = 1.4426950408889634
_ROUND = 1.5 * 2.0**52  # added to a number, it leaves the number's nearest integer in the last bits
_ROUND_BITS = 0x4338000000000000
_ONE_BITS = 0x3FF0000000000000
_ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
_FRACTION = 52  # bits of a double behind its exponent
_LIMIT = 708.0
_C = tuple(1.0 / math.factorial(k) for k in range(14))  # the first term left out is below 4e-18
_A = tuple(2.0 / (2 * k + 1) for k in range(11))  # the same below 1e-18


@contracted
def exp_in_place(values, scratch):
    """`values` (T,) become e^values, to the last bit but one; beyond ±708 the exponential of the limit.

    x = n log 2 + r with |r| ≤ ½ log 2 gives e^x = 2^n e^r. `scratch` (T,) is another array, whose content is lost.
    """
    n_values = values.shape[0]
    for t in range(n_values):
        x = max(min(values[t], _LIMIT), -_LIMIT)
        scratch[t] = x * _PER_LOG_2 + _ROUND
        n = scratch[t] - _ROUND
        r = (x - n * _LOG_2_HIGH) - n * _LOG_2_LOW
        p = _C[13]
        p = p * r + _C[12]
        p = p * r + _C[11]
        p = p * r + _C[10]
        p = p * r + _C[9]
        p = p * r + _C[8]
        p = p * r + _C[7]
        p = p * r + _C[6]
        p = p * r + _C[5]
        p = p * r + _C[4]
        p = p * r + _C[3]
        p = p * r + _C[2]
        p = p * r + _C[1]
        values[t] = p * r + _C[0]
    bits = scratch.view(np.int64)
    for t in range(n_values):
        bits[t] = (bits[t] << _FRACTION) + _ONE_BITS
    for t in range(n_values):
        values[t] *= scratch[t]


@contracted
def log_in_place(values, scratch):
    """`values` (T,) become log(values), to 2e-16 of the result or of 1; for normal numbers above 0 alone.

    x = 2^n m with ½√2 ≤ m < √2 and s = (m − 1) / (m + 1) give log x = n log 2 + 2 (s + s³/3 + s⁵/5 + …). `scratch` (T,)
    is another array, whose content is lost.
    """
    n_values = values.shape[0]
    bits, exponents = values.view(np.int64), scratch.view(np.int64)
    for t in range(n_values):
        exponent = (bits[t] - _ROOT_HALF_BITS) >> _FRACTION
        bits[t] -= exponent << _FRACTION
        exponents[t] = exponent + _ROUND_BITS
    for t in range(n_values):
        n = scratch[t] - _ROUND
        s = (values[t] - 1.0) / (values[t] + 1.0)
        z = s * s
        p = _A[10]
        p = p * z + _A[9]
        p = p * z + _A[8]
        p = p * z + _A[7]
        p = p * z + _A[6]
        p = p * z + _A[5]
        p = p * z + _A[4]
        p = p * z + _A[3]
        p = p * z + _A[2]
        p = p * z + _A[1]
        p = p * z + _A[0]
        values[t] = n * _LOG_2_HIGH + (n * _LOG_2_LOW + p * s)
