"""The fast path at work: nutpie's private interface, rounds that do not depend on the clock, the exact drivers."""

from collections.abc import Callable
from importlib import metadata
from itertools import pairwise

import numpy as np
import pytest

from mixmodel_app.domain.errors import FitCancelled
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.kernel.problem import KernelModel
from mixmodel_app.engine.kernel.target import KernelTarget
from mixmodel_app.engine.prepare import prepare
from mixmodel_app.engine.progress import ProgressReporter
from mixmodel_app.engine.sampling import Sampled, SamplerPlan, sample
from mixmodel_app.engine.simulate import CHANNELS, simulate
from mixmodel_app.engine.spec import ModelSpec, model_spec
from mixmodel_app.engine.types import FitProgress, StopReason

pytestmark = pytest.mark.fit

PLAN = SamplerPlan(draws=100, tune=200, chains=2, seed=5, target_accept=0.9, rounds=4)


def spec_of(**settings: object) -> ModelSpec:
    dataset = simulate(n_periods=90, channels=CHANNELS[:3], seed=4)
    return model_spec(prepare(dataset.frame, dataset.mapping, RunConfig.from_json({"random_seed": 1, **settings})))


def draw(judge: Callable[..., float], plan: SamplerPlan = PLAN, seen: list[FitProgress] | None = None) -> Sampled:
    report = ProgressReporter(seen.append if seen is not None else None)
    return sample(KernelTarget(spec_of()), plan, judge, report, lambda: None)


def test_the_private_interface_of_nutpie_is_the_pinned_one() -> None:
    from nutpie import _lib

    assert metadata.version("nutpie") == "0.16.11", "run the suite against the new version, then change this line"
    for name in ("PyVariable", "LogpFunc", "ExpandFunc", "PyMcModel", "PySampler"):
        assert hasattr(_lib, name)
    assert hasattr(_lib.PySampler, "from_pymc")


def test_draws_that_are_good_enough_end_it() -> None:
    assert draw(lambda _: 1.0).trace.n_draws == 100


def test_rounds_follow_until_the_judge_is_content_or_the_cap_is_reached() -> None:
    verdicts = iter([0.2, 0.7, 1.0])
    assert draw(lambda _: next(verdicts)).trace.n_draws == 300
    assert draw(lambda _: 0.1).trace.n_draws == 400


def test_more_rounds_only_add_draws() -> None:
    """So the clock cannot change an answer: what a round is judged on is the same whenever it is looked at."""
    verdicts = iter([0.2, 0.7, 1.0])
    long, short = draw(lambda _: next(verdicts)), draw(lambda _: 1.0)
    for name, values in short.trace.values.items():
        assert values.tolist() == long.trace.values[name][:, :100].tolist()


def test_the_bar_never_goes_back_however_many_rounds_there_are() -> None:
    seen: list[FitProgress] = []
    verdicts = iter([0.2, 0.5, 0.8, 0.9])
    draw(lambda _: next(verdicts), seen=seen)
    marks = [(each.stage.share[0], each.fraction) for each in seen]
    assert all(before <= after for before, after in pairwise(marks))
    assert seen[-1].fraction == 1


def test_time_that_runs_out_before_anything_was_drawn_leaves_nothing() -> None:
    with pytest.raises(FitCancelled):
        sample(KernelTarget(spec_of()), PLAN, lambda _: 1.0, ProgressReporter(), lambda: StopReason.OUT_OF_TIME)


def test_drivers_are_drawn_from_their_exact_distribution() -> None:
    """Given everything else, the coefficients are normal with the moments of a ridge regression (Bishop 2006, 3.49)."""
    kernel = KernelModel(spec_of())
    marginal, sigma = kernel.marginal, 0.05
    residual = np.random.default_rng(2).normal(0, 0.1, kernel.spec.data.n_periods)
    drawn = marginal.draw(np.tile(residual, (40_000, 1)), np.full(40_000, sigma), np.random.default_rng(3))
    blocks = {drivers.block.name: drivers.block.columns for drivers in kernel.spec.drivers}
    design = np.column_stack([blocks[name][:, index] for name, index in marginal.names])
    covariance = np.linalg.inv(design.T @ design / sigma**2 + np.diag(marginal.deviation**-2))
    mean = marginal.mean + covariance @ design.T @ residual / sigma**2
    scale = np.sqrt(np.diag(covariance))
    assert (np.abs(drawn.mean(axis=0) - mean) / scale).max() < 0.03
    assert np.abs(np.corrcoef(drawn.T) - covariance / np.outer(scale, scale)).max() < 0.03
    assert (drawn.std(axis=0) / scale).tolist() == pytest.approx([1.0] * len(scale), abs=0.02)


def test_both_ways_find_the_same_posterior() -> None:
    """Means within a sixteenth of the interval: far more than chance, far less than a fault.

    The standard deviation is no yardstick: a height has a tail in which one draw of six thousand can triple it.
    """
    dataset = simulate(n_periods=90, channels=CHANNELS[:2], seed=4)
    found = []
    for name in ("pymc", "pymc_graph"):
        engine = create_engine(RunConfig.from_json({"random_seed": 3, "n_samples": 1500, "engine": name}))
        engine.fit(engine.prepare_data(dataset.frame, dataset.mapping))
        found.append({p.name: p for p in engine.extract_results().results.parameters})
    fast, graph = found
    assert set(fast) == set(graph)
    for name, parameter in fast.items():
        reference = graph[name]
        width = reference.hi - reference.lo
        assert abs(parameter.mean - reference.mean) < width / 16, name
        assert parameter.hi - parameter.lo == pytest.approx(width, rel=0.2), name
