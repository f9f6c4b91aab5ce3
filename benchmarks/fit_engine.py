"""Parts D and E of `fit_speed.py`: the engine alone, in a fresh child of a warm process, as in the worker."""

import argparse
import contextlib
import multiprocessing
import statistics
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from benchmarks.fit_figures import FIT_HEAD, RIVAL_DRAWS, Cell, Fit, Market, load, quick, show, simulated, two
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine

_LOOK_EVERY_S = 0.02
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class EngineFit:
    """A fit without the product: seconds of each step, and what `Fit` says about the draws."""

    prepare: float
    sample: float
    extract: float
    quality: Fit


def engine_fit(market: Market, config: dict[str, Any]) -> EngineFit:
    """Prepare, fit and extract, as the worker's child does."""
    engine = create_engine(RunConfig.from_json(config))
    marks = [time.perf_counter()]
    data = engine.prepare_data(market.frame, market.mapping)
    marks.append(time.perf_counter())
    engine.fit(data)
    marks.append(time.perf_counter())
    results = engine.extract_results().results
    marks.append(time.perf_counter())
    parameters = results.parameters
    quality = Fit(
        seconds=marks[-1] - marks[0],
        rhat=max(each.rhat for each in parameters),
        ess_bulk=min(each.ess_bulk for each in parameters),
        ess_tail=min(each.ess_tail for each in parameters),
        divergences=results.divergences,
        draws=results.n_draws,
    )
    return EngineFit(marks[1] - marks[0], marks[2] - marks[1], marks[3] - marks[2], quality)


class Child:
    """A fit in a fork of this process, which holds the warm engine."""

    def __init__(self, market: Market, config: dict[str, Any]) -> None:
        self._receiver, sender = _FORK.Pipe(duplex=False)
        self._process: ForkProcess = _FORK.Process(target=_fit_and_send, args=(sender, market, config), daemon=True)
        self._process.start()
        sender.close()

    def result(self) -> EngineFit:
        """Wait for the fit. Raises `RuntimeError` with what went wrong in the child."""
        try:
            found = self._receiver.recv()
        except EOFError:
            found = "the process died"
        self._process.join()
        if isinstance(found, str):
            raise RuntimeError(found)
        return found

    def peak(self) -> int:
        """Watch the child until it has a result; the most bytes of memory that it had for itself."""
        process, most = psutil.Process(self._process.pid), 0
        while not self._receiver.poll(_LOOK_EVERY_S):
            with contextlib.suppress(psutil.Error):  # it may end between the two lines
                most = max(most, process.memory_full_info().uss)
        return most


def _fit_and_send(sender: Connection, market: Market, config: dict[str, Any]) -> None:
    try:
        sender.send(engine_fit(market, config))
    except Exception as error:  # noqa: BLE001 (the parent reports it)
        sender.send(f"{type(error).__name__}: {error}")


def growth(options: argparse.Namespace) -> None:
    """Part D, first half."""
    before = load()
    shapes = [(weeks, channels) for weeks in options.weeks for channels in options.channels]
    rows = [_growth_row(simulated(weeks, channels), options.rounds) for weeks, channels in shapes]
    head = ("", "median s", "worst s", "prepare", "fit", "extract", "added MB", *FIT_HEAD[1:])
    said = f"The warm process itself: {psutil.Process().memory_info().rss / 2**20:.0f} MB. R-hat and the rest: seed 1."
    show("D. Cost as the work grows, engine alone, quick", head, rows, said, before)


def _growth_row(market: Market, rounds: int) -> list[Cell]:
    """Timed fits with seeds 1, 2, … and one more whose memory is watched."""
    try:
        fits = [Child(market, quick(seed)).result() for seed in range(1, rounds + 1)]
        watched = Child(market, quick(1))
        added = watched.peak() / 2**20
        watched.result()
    except RuntimeError as error:
        return [str(market), str(error)]
    middle = [statistics.median([getattr(fit, step) for fit in fits]) for step in ("prepare", "sample", "extract")]
    seconds = [fit.quality.seconds for fit in fits]
    cells = [statistics.median(seconds), max(seconds), *middle, round(added)]
    return [str(market), *cells, *fits[0].quality.cells()[1:]]


def side_by_side(options: argparse.Namespace) -> None:
    """Part D, second half: two fits at the same time, and one alone before each such pair."""
    before, market = load(), simulated(208, 5)
    alone: list[float] = []
    together: list[float] = []
    for seed in range(1, options.rounds + 1):
        alone.append(Child(market, quick(seed)).result().quality.seconds)
        both = [Child(market, quick(seed)), Child(market, quick(seed + 100))]
        together += [child.result().quality.seconds for child in both]
    rows = [("one alone", *two(alone)), ("each of two at once", *two(together))]
    said = f"Each of two takes {statistics.median(together) / statistics.median(alone):.2f} × as long as one alone"
    show(f"D. Two fits side by side, {market}", ("", "median s", "worst s"), rows, said, before)


def afterwards(market: Market, rounds: int) -> None:
    """Part E, our half: the same number of draws as the rival's."""
    before = load()
    fits = [Child(market, {**RIVAL_DRAWS, "random_seed": seed}).result() for seed in range(1, rounds + 1)]
    rows = [("extract_results()", *two([fit.extract for fit in fits]))]
    title = f"E. After sampling, {market}, {fits[0].quality.draws} draws"
    show(title, ("", "median s", "worst s"), rows, "", before)
