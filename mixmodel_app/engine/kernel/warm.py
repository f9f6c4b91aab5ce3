"""What a first fit would wait for, done once in a worker before it forks."""

from importlib import import_module

import numpy as np
import pandas as pd

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.kernel.compiled import compile_kernel
from mixmodel_app.engine.kernel.density import log_posterior
from mixmodel_app.engine.kernel.problem import KernelModel
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.spec import model_spec


def warm_up() -> None:
    """Evaluate the density of a small made-up data set, which loads all that is compiled.

    Nothing is sampled, so that no thread is there when the worker forks.
    """
    for library in ("nutpie", "xarray", "h5netcdf", "scipy.stats"):
        import_module(library)
    weeks = np.arange(30)
    table = pd.DataFrame(
        {"date": pd.date_range("2024-01-01", periods=30, freq="W"), "sales": 100.0 + weeks % 7, "tv": weeks % 5 * 1.0}
    )
    mapping = ColumnMapping("date", "sales", {"tv": MediaColumn("TV")})
    kernel = KernelModel(model_spec(prepare(table, mapping, RunConfig())))
    compile_kernel(kernel)
    log_posterior(kernel.start(0), np.empty(kernel.dimension), kernel.problem)
