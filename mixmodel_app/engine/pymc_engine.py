"""PyMC-Marketing's model, by two ways to the same posterior: the fast path, and PyMC's own graph.

This module stays cheap to import: numba and PyMC load inside a fit, so that the web can name the engines without them.
"""

from importlib import import_module

from mixmodel_app.engine.base import engine
from mixmodel_app.engine.sampled import SampledEngine
from mixmodel_app.engine.spec import ModelSpec
from mixmodel_app.engine.target import Target
from mixmodel_app.engine.types import ShouldStop


@engine("pymc", label="Fast: PyMC-Marketing's model without a compilation")
class PyMCEngine(SampledEngine):
    """The fast path where it covers a model, PyMC's own graph where not: slower, never different."""

    @classmethod
    def warm_up(cls) -> None:
        """Load the density from disk, or compile it on a machine's first start, and call it once."""
        import_module("mixmodel_app.engine.kernel.warm").warm_up()

    def make_target(self, spec: ModelSpec, stop: ShouldStop) -> Target:
        if import_module("mixmodel_app.engine.kernel.problem").why_not_covered(spec) is None:
            return import_module("mixmodel_app.engine.kernel.target").KernelTarget(spec)
        return _graph(spec, stop)


@engine("pymc_graph", label="Thorough: PyMC-Marketing itself, compiled for each run")
class PyMCGraphEngine(SampledEngine):
    """PyMC-Marketing's graph for every model: what the fast path is held against.

    Not warmed up: who asks for it waits half a minute anyway, and PyMC would take 300 MB of every idle worker.
    """

    def make_target(self, spec: ModelSpec, stop: ShouldStop) -> Target:
        return _graph(spec, stop)


def _graph(spec: ModelSpec, stop: ShouldStop) -> Target:
    return import_module("mixmodel_app.engine.pymc_target").PyMCTarget(spec, stop)
