"""What every engine owes, run over each one that is registered.

A new engine joins by being registered. The world is simulated, so the truth is known; one fit serves most tests.
"""

import threading
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
import pytest

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.domain.errors import FitCancelled
from mixmodel_app.domain.run import Stage
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.artifact import load_artifact
from mixmodel_app.engine.base import BaseMMM, create_engine, load_engines
from mixmodel_app.engine.simulate import SimulatedDataset, simulate
from mixmodel_app.engine.types import EngineResults, FitProgress, PreparedData, StopReason

pytestmark = pytest.mark.fit

CONFIG = {"n_samples": 250, "n_chains": 2, "tune_steps": 400, "random_seed": 11}


@dataclass
class Fitted:
    engine: BaseMMM
    data: PreparedData
    dataset: SimulatedDataset
    progress: list[FitProgress]
    outcome: EngineResults


def world() -> SimulatedDataset:
    """The simulated retailer with one more channel that was never switched on."""
    dataset = simulate(seed=100)
    media = {**dataset.mapping.media_columns, "cinema_spend": MediaColumn("Cinema")}
    mapping = ColumnMapping("week", "revenue", media, dataset.mapping.control_columns)
    return SimulatedDataset(dataset.frame.assign(cinema_spend=0), mapping, dataset.truth)


@pytest.fixture(scope="session", params=load_engines().keys())
def fitted(request: pytest.FixtureRequest) -> Fitted:
    dataset = world()
    engine = create_engine(RunConfig.from_json({**CONFIG, "engine": request.param}))
    data = engine.prepare_data(dataset.frame, dataset.mapping)
    progress: list[FitProgress] = []
    engine.fit(data, progress.append)
    return Fitted(engine, data, dataset, progress, engine.extract_results())


def test_known_returns_lie_within_their_ranges(fitted: Fitted) -> None:
    """Of six 94 % ranges five or six hold the truth; by chance alone four or fewer would have a probability of 4 %."""
    truth = fitted.dataset.truth["channels"]
    rated = [(channel.roas, truth[channel.name]["roas"]) for channel in fitted.outcome.results.channels if channel.roas]
    assert len(rated) == 6
    assert sum(roas.lo <= true <= roas.hi for roas, true in rated) >= 5


def test_the_total_effect_of_media_is_found(fitted: Fitted) -> None:
    truth = sum(channel["contribution"] for channel in fitted.dataset.truth["channels"].values())
    found = sum(channel.contribution.mean for channel in fitted.outcome.results.channels)
    assert found == pytest.approx(truth, rel=0.2)


def test_contributions_baseline_and_controls_add_up_to_the_fitted_mean(fitted: Fitted) -> None:
    parts = fitted.outcome.results.decomposition
    total = np.sum(
        [parts.intercept, parts.trend, parts.seasonality, *parts.controls.values(), *parts.channels.values()], axis=0
    )
    assert total == pytest.approx(np.array(fitted.outcome.results.fit.mean), rel=1e-9)


def test_a_channel_without_spend_contributes_nothing(fitted: Fitted) -> None:
    cinema = fitted.outcome.results.channel("Cinema")
    assert cinema.contribution.lo == cinema.contribution.hi == 0
    assert cinema.roas is None


def test_the_fit_converged(fitted: Fitted) -> None:
    results = fitted.outcome.results
    assert max(parameter.rhat for parameter in results.parameters) < 1.05
    assert results.divergences <= 0.01 * results.n_draws


def test_progress_is_monotone_and_misses_nothing(fitted: Fitted) -> None:
    marks = [(progress.stage.share[0], progress.stage.percent(progress.fraction)) for progress in fitted.progress]
    assert marks == sorted(marks)
    stages = list(dict.fromkeys(progress.stage for progress in fitted.progress))
    assert stages == [Stage.PREPARING, Stage.TUNING, Stage.SAMPLING, Stage.EXTRACTING]
    sampling = [progress.fraction for progress in fitted.progress if progress.stage is Stage.SAMPLING]
    assert max(np.diff([0.0, *sampling])) <= 0.05 + 1e-9


def test_the_artifact_reads_back(fitted: Fitted) -> None:
    tree = load_artifact(fitted.engine.serialize_model())
    sizes = tree["posterior"].sizes
    assert sizes["chain"] == CONFIG["n_chains"]
    assert sizes["draw"] % CONFIG["n_samples"] == 0  # whole rounds
    assert tree["observed_data"]["target"].values.tolist() == fitted.data.target.tolist()
    assert "diverging" in tree["sample_stats"]
    assert tree.attrs["data_digest"] == fitted.data.digest


def test_diagnostics_cover_every_parameter(fitted: Fitted) -> None:
    diagnostics = fitted.engine.get_diagnostics()
    assert set(diagnostics["parameters"]) == {p.name for p in fitted.outcome.results.parameters}
    assert diagnostics["health"]["convergence"] in ("good", "check")


def test_the_same_seed_gives_the_same_result(fitted: Fitted) -> None:
    fitted.engine.fit(fitted.data)
    again = fitted.engine.extract_results()
    assert again.results.channels == fitted.outcome.results.channels
    assert again.results.fit == fitted.outcome.results.fit
    assert again.draws.to_bytes() == fitted.outcome.draws.to_bytes()


@pytest.mark.parametrize("stage", [Stage.TUNING, Stage.SAMPLING], ids=str)
def test_a_cancel_stops_the_fit(fitted: Fitted, stage: Stage) -> None:
    reached = threading.Event()
    stages: list[Stage] = []

    def watch(progress: FitProgress) -> None:
        stages.append(progress.stage)
        if progress.stage is stage:
            reached.set()

    with pytest.raises(FitCancelled):
        fitted.engine.fit(fitted.data, watch, lambda: StopReason.CANCELLED if reached.is_set() else None)
    assert Stage.EXTRACTING not in stages


def test_a_cancel_before_sampling_stops_the_fit(fitted: Fitted) -> None:
    stages: list[Stage] = []
    with pytest.raises(FitCancelled):
        create_engine(fitted.engine.config).fit(
            fitted.data, lambda progress: stages.append(progress.stage), lambda: StopReason.CANCELLED
        )
    assert set(stages) <= {Stage.PREPARING, Stage.TUNING}


def test_when_time_is_up_what_was_drawn_is_kept_as_incomplete(fitted: Fitted) -> None:
    """As soon as there are provisional returns; the sampler is asked for far more than it can draw by then."""
    engine = copy(fitted.engine)  # with what was built for the same data
    engine.config = replace(engine.config, n_samples=10_000)
    seen = threading.Event()

    def watch(progress: FitProgress) -> None:
        if progress.live and progress.live.returns:
            seen.set()

    engine.fit(fitted.data, watch, lambda: StopReason.OUT_OF_TIME if seen.is_set() else None)
    results = engine.extract_results().results
    assert results.incomplete
    assert 2 * 50 <= results.n_draws < 2 * 10_000


def test_what_is_seen_while_it_forms_ends_near_the_answer(fitted: Fitted) -> None:
    live = [progress.live for progress in fitted.progress if progress.live and progress.live.returns]
    chains = [progress.live.chains for progress in fitted.progress if progress.live]
    assert all(len(each) == CONFIG["n_chains"] for each in chains)
    for seen in live:
        assert seen.draws >= 50
        for each in seen.returns:
            final = fitted.outcome.results.channel(each.channel).roas
            assert final is not None
            assert abs(each.median - final.median) < final.hi - final.lo


class OutOfTime(Exception):
    """Stands for what a worker's soft time limit raises in the middle of a wait."""


def test_a_time_limit_stops_the_sampler_and_passes_through(fitted: Fitted) -> None:
    def run_out(progress: FitProgress) -> None:
        if progress.stage is Stage.TUNING:
            raise OutOfTime

    with pytest.raises(OutOfTime):
        fitted.engine.fit(fitted.data, run_out)
    fitted.engine.fit(fitted.data)
    assert fitted.engine.extract_results().results.fit == fitted.outcome.results.fit
