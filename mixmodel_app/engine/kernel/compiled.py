"""The density as a C function with a pointer to its data: what nutpie calls from its own threads, without Python.

nutpie has a public door for a density in Python (`from_pyfunc`), but there all chains queue for the interpreter, which
took six times as long. So this file uses what `nutpie.compile_pymc_model` itself builds on, which is private: the
version is pinned, and `tests/integration/engine/test_kernel_sampler.py` fails when it changes.
"""

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import pandas as pd
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from nutpie import _lib
from nutpie.sample import CompiledModel

from mixmodel_app.engine.kernel.density import Problem, log_posterior
from mixmodel_app.engine.kernel.jit import jit
from mixmodel_app.engine.kernel.problem import KernelModel

POINT = "point"
_AXIS = "unconstrained_parameter"
_NOT_FINITE = 4  # nutpie takes a positive code for a failure to recover from: this step is rejected

_DOUBLES = types.CPointer(types.double)
_DENSITY = types.int64(types.uint64, _DOUBLES, _DOUBLES, _DOUBLES, types.voidptr)
_EXPAND = types.int64(types.uint64, types.uint64, _DOUBLES, _DOUBLES, types.voidptr)


@intrinsic
def _pointer(context, address):
    def generate(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), generate


@intrinsic
def _integers(context, pointer):
    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], context.get_value_type(types.CPointer(types.int64)))

    return types.CPointer(types.int64)(types.voidptr), generate


@jit
def _problem_at(table):
    """The `Problem` whose sizes and addresses are in a table made by `_table`."""
    kinds, sizes, at = table[:5], table[5:11], table[11:]
    periods, channels, marginal, explicit, tests, dim = sizes
    number, whole = np.float64, np.int64
    return Problem(
        kinds[0],
        kinds[1],
        kinds[2],
        kinds[3],
        kinds[4],
        nb.carray(_pointer(at[0]), (periods,), number),
        nb.carray(_pointer(at[1]), (channels, periods), number),
        nb.carray(_pointer(at[2]), (channels,), np.bool_),
        nb.carray(_pointer(at[3]), (marginal, periods), number),
        nb.carray(_pointer(at[4]), (marginal,), number),
        nb.carray(_pointer(at[5]), (explicit, periods), number),
        nb.carray(_pointer(at[6]), (dim,), whole),
        nb.carray(_pointer(at[7]), (dim,), whole),
        nb.carray(_pointer(at[8]), (dim, 3), number),
        nb.carray(_pointer(at[9]), (channels,), whole),
        nb.carray(_pointer(at[10]), (channels,), number),
        nb.carray(_pointer(at[11]), (3,), number),
        nb.carray(_pointer(at[12]), (tests,), whole),
        nb.carray(_pointer(at[13]), (tests, periods), number),
        nb.carray(_pointer(at[14]), (tests, 2), whole),
        nb.carray(_pointer(at[15]), (tests, 2), number),
        nb.carray(_pointer(at[16]), (1,), number),
    )


_TABLE_LENGTH = 28


@nb.cfunc(_DENSITY, cache=True)
def _density(dimension, point, gradient, value, data):
    table = nb.carray(_integers(data), (_TABLE_LENGTH,))
    slopes = nb.carray(gradient, (dimension,))
    found = log_posterior(nb.carray(point, (dimension,)), slopes, _problem_at(table))
    value[0] = found
    finite = np.isfinite(found)
    for i in range(dimension):
        finite &= np.isfinite(slopes[i])
    return 0 if finite else _NOT_FINITE


@nb.cfunc(_EXPAND, cache=True)
def _keep(dimension, size, point, out, data):
    for i in range(dimension):
        out[i] = point[i]
    return 0


def _table(problem: Problem) -> np.ndarray:
    """Five kinds, six sizes and the addresses of the arrays, in the order of `Problem`."""
    sizes = (
        len(problem.target),
        len(problem.media),
        len(problem.strength),
        len(problem.drivers),
        len(problem.lift_channel),
        len(problem.families),
    )
    addresses = [array.ctypes.data for array in problem[5:]]
    return np.array([*problem[:5], *sizes, *addresses], dtype=np.int64)


@dataclass(frozen=True)
class CompiledKernel(CompiledModel):
    """What nutpie samples from; its only variable is the unconstrained `point`."""

    kernel: KernelModel

    @property
    def n_dim(self) -> int:
        return self.kernel.dimension

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {POINT: (self.n_dim,)}

    @property
    def coords(self) -> dict[str, pd.Index]:
        return {_AXIS: pd.RangeIndex(self.n_dim).astype(str)}

    def _make_model(self, init_mean: Any) -> Any:
        table, size = _table(self.kernel.problem), self.n_dim
        alive = (self, table)  # the addresses are good as long as these are
        variables = _lib.PyVariable.new_variables([POINT], ["float64"], [(size,)], {_AXIS: size}, self.dims)
        return _lib.PyMcModel(
            _lib.LogpFunc(_density.address, table.ctypes.data, alive),
            _lib.ExpandFunc(size, size, _keep.address, table.ctypes.data, alive),
            variables,
            size,
            {_AXIS: size},
            self.coords,
            self.kernel.start,
            None,
        )

    def _make_sampler(
        self, settings: Any, init_mean: Any, cores: int, progress: Any, callback: Any, rate: int, store: Any
    ) -> Any:
        model = self._make_model(init_mean)
        return _lib.PySampler.from_pymc(settings, cores, model, progress, callback, rate, store)


def compile_kernel(kernel: KernelModel) -> CompiledKernel:
    return CompiledKernel(dims={POINT: (_AXIS,)}, kernel=kernel)
