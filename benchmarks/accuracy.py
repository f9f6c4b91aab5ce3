"""Truth against estimate in many worlds, beside plain PyMC-Marketing.

`python benchmarks/accuracy.py [--worlds 8] [--first-seed 1] [--no-rival] [--cache rival.json] [--out rows.csv]` fits
every world of seven kinds (see `mixmodel_app/engine/worlds.py`) and prints a table by kind and in total. Six of the
kinds differ from what a simple model assumes. Settings chosen on some seeds are to be judged by others.

Ours is the engine with its own settings, or those of `--config`. The rival is PyMC-Marketing's stock model: geometric
carryover of 8 weeks, logistic saturation, 2 yearly Fourier pairs, no trend, the library's priors and scaling, controls
÷ their highest value, 4 chains of 1,000 + 1,000 draws by nutpie. It compiles for each world, so `--cache` keeps its
answers; a kept answer counts only for the same table and the same versions, and the table says how many were kept.

* **inside**: share of the channels whose true ROAS is within the 94 % interval (HDI).
* **error**: |median ÷ truth − 1| of ROAS: the mean over channels, the mean weighted by spend within each world, and the
  median over channels, which a few tiny channels cannot move.
* **media ÷ truth**: posterior mean of what all channels brought, and its range over the worlds.
* **width**: of the 94 % interval ÷ truth, mean over channels.
* **seconds** per world by the wall clock, from the table to the returns, libraries loaded.

The ratio below the table is ours ÷ rival of the mean errors; its range holds 94 % of what resampled worlds give.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the workers have it

import hashlib
import io
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.intervals import hdi
from mixmodel_app.domain.results import HDI_PROB
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.simulate import SimulatedDataset
from mixmodel_app.engine.worlds import ACCURACY_KINDS, KINDS, world

OURS, RIVAL = "ours", "rival"
LIBRARIES = ("pymc-marketing", "pymc", "nutpie")
RESAMPLES = 2000
HEAD = ("kind", "model", "worlds", "channels", "inside", "error", "by spend", "median", "media ÷ truth", "width")
WIDTHS = (16, 6, 6, 8, 7, 7, 8, 7, 19, 6, 8, 6)


@dataclass(frozen=True, slots=True)
class Row:
    """What one model says of one channel: ROAS with its 94 % HDI, mean contribution in money, and what is true."""

    kind: str
    seed: int
    model: str
    channel: str
    spend: float
    true_roas: float
    roas: float
    lo: float
    hi: float
    contribution: float
    true_contribution: float
    seconds: float
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's return of a channel: median, ends of the 94 % HDI, and the mean contribution in money."""

    roas: float
    lo: float
    hi: float
    contribution: float


def main() -> None:
    options = _options()
    warnings.simplefilter("ignore")
    config = RunConfig.from_json({"random_seed": 1, **json.loads(options.config)})
    cache = Cache(options.cache)
    load(config, rival=options.rival)
    rows: list[Row] = []
    for kind in options.kinds:
        for seed in range(options.first_seed, options.first_seed + options.worlds):
            rows += measure(kind, seed, config, cache if options.rival else None)
    table = with_errors(rows)
    if options.out:
        table.to_csv(options.out, index=False)
    report(table)


def load(config: RunConfig, *, rival: bool) -> None:
    """Load the libraries, which a worker does before any fit as well."""
    type(create_engine(config)).warm_up()
    if rival:
        import pymc_marketing.mmm  # noqa: F401

        logging.getLogger("pymc").setLevel(logging.ERROR)  # PyMC sets its own level when it loads


def measure(kind: str, seed: int, config: RunConfig, cache: "Cache | None") -> list[Row]:
    """The rows of one world by our engine and, where there is a cache to ask, by the rival; says how it went."""
    dataset = world(kind, seed)
    rows = _timed(kind, seed, OURS, dataset, lambda: fit_ours(dataset, config))
    if cache is not None:
        key = cache_key(kind, seed, dataset)
        known = cache.get(key)
        found = known or _timed(kind, seed, RIVAL, dataset, lambda: fit_rival(dataset))
        if not known:
            cache.put(key, found)
        rows += found
    seconds = {row.model: f"{row.model} {row.seconds:.1f} s{' (kept)' if row.kept else ''}" for row in rows}
    print(f"{kind} {seed}: {', '.join(seconds.values())}", flush=True)
    return rows


def _timed(
    kind: str, seed: int, model: str, dataset: SimulatedDataset, fit: Callable[[], dict[str, Answer]]
) -> list[Row]:
    began = time.perf_counter()
    answers = fit()
    seconds = time.perf_counter() - began
    return [
        Row(
            kind,
            seed,
            model,
            name,
            spend=true["spend"],
            true_roas=true["roas"],
            true_contribution=true["contribution"],
            seconds=seconds,
            **asdict(answers[name]),
        )
        for name, true in dataset.truth["channels"].items()
    ]


def fit_ours(dataset: SimulatedDataset, config: RunConfig) -> dict[str, Answer]:
    """Answers by the name of the channel."""
    engine = create_engine(config)
    engine.fit(engine.prepare_data(dataset.frame, dataset.mapping))
    channels = engine.extract_results().results.channels
    return {
        channel.name: Answer(channel.roas.median, channel.roas.lo, channel.roas.hi, channel.contribution.mean)
        for channel in channels
        if channel.roas
    }


def fit_rival(dataset: SimulatedDataset) -> dict[str, Answer]:
    """Answers by the name of the channel, from the contributions that the library itself computes with each draw."""
    mapping, frame = dataset.mapping, dataset.frame
    media, target = list(mapping.media_columns), frame[mapping.target_column]
    posterior = rival_model(dataset).idata["posterior"]
    scaled = posterior["channel_contribution"].sum("date").stack(sample=("chain", "draw")).sel(channel=media)
    contribution = scaled.transpose("sample", "channel").to_numpy() * float(target.abs().max())
    return _answers(mapping.channel_names, contribution, frame[media].sum().to_numpy(float))


def rival_model(dataset: SimulatedDataset) -> Any:
    """The stock model of PyMC-Marketing, an `MMM`, after its fit."""
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation

    mapping, frame = dataset.mapping, dataset.frame.copy()
    controls, media = list(mapping.control_columns), list(mapping.media_columns)
    frame[controls] = frame[controls] / frame[controls].abs().max()
    mmm = MMM(
        date_column=mapping.date_column,
        target_column=mapping.target_column,
        channel_columns=media,
        control_columns=controls,
        adstock=GeometricAdstock(l_max=8),
        saturation=LogisticSaturation(),
        yearly_seasonality=2,
    )
    features, target = frame.drop(columns=mapping.target_column), frame[mapping.target_column]
    plan = {"chains": 4, "draws": 1000, "tune": 1000, "random_seed": 1, "progressbar": False}
    with redirect_stdout(io.StringIO()):  # one of its progress bars has no switch
        mmm.fit(features, target, nuts_sampler="nutpie", **plan)
    return mmm


def _answers(names: tuple[str, ...], contribution: Array, spend: Array) -> dict[str, Answer]:
    """From draws (S, C) of contribution in money and spend (C,)."""
    roas = contribution / spend
    lo, hi = hdi(roas, HDI_PROB)
    medians, means = np.median(roas, axis=0), contribution.mean(axis=0)
    return {
        name: Answer(float(medians[i]), float(lo[i]), float(hi[i]), float(means[i])) for i, name in enumerate(names)
    }


class Cache:
    """The rival's rows by key in a JSON file, written after each world; without a path, nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._rows: dict[str, list[dict[str, Any]]] = json.loads(path.read_text()) if path and path.exists() else {}

    def get(self, key: str) -> list[Row]:
        return [replace(Row(**row), kept=True) for row in self._rows.get(key, [])]

    def put(self, key: str, rows: list[Row]) -> None:
        self._rows[key] = [asdict(row) for row in rows]
        if self._path:
            fresh = self._path.with_name(self._path.name + ".new")  # an interrupted run loses nothing
            fresh.write_text(json.dumps(self._rows, indent=1))
            fresh.replace(self._path)


def cache_key(kind: str, seed: int, dataset: SimulatedDataset) -> str:
    """Names the world, its table as it is today, and the versions of the libraries."""
    digest = hashlib.sha256(dataset.frame.to_csv(index=False).encode()).hexdigest()[:16]
    versions = " ".join(f"{library} {metadata.version(library)}" for library in LIBRARIES)
    return f"{kind} {seed} {digest} {versions}"


def with_errors(rows: list[Row]) -> pd.DataFrame:
    """A row for each channel, world and model, with what is measured of it."""
    table = pd.DataFrame([asdict(row) for row in rows])
    table["error"] = (table["roas"] / table["true_roas"] - 1).abs()
    table["inside"] = table["true_roas"].between(table["lo"], table["hi"])
    table["width"] = (table["hi"] - table["lo"]) / table["true_roas"]
    table["weight"] = table["spend"] / table.groupby(["kind", "seed", "model"])["spend"].transform("sum")
    return table


def report(table: pd.DataFrame) -> None:
    print("\n" + _line((*HEAD, "seconds", "kept")))
    kinds = list(dict.fromkeys(table["kind"]))
    for kind in [*kinds, "total"] if len(kinds) > 1 else kinds:
        part = table if kind == "total" else table[table["kind"] == kind]
        for model in dict.fromkeys(table["model"]):
            print(_line((kind, model, *_cells(part[part["model"] == model]))))
    if RIVAL in set(table["model"]):
        for name, weighted in (("mean error", False), ("mean error weighted by spend", True)):
            ratio, lo, hi = error_ratio(table, weighted=weighted)
            print(f"{name}, ours ÷ rival: {ratio:.2f} ({lo:.2f} – {hi:.2f})")


def _line(cells: tuple[str, ...]) -> str:
    left = [f"{cell:<{width}}" for cell, width in zip(cells[:2], WIDTHS, strict=False)]
    return "  ".join(left + [f"{cell:>{width}}" for cell, width in zip(cells[2:], WIDTHS[2:], strict=True)])


def _cells(part: pd.DataFrame) -> tuple[str, ...]:
    """The cells of `HEAD` after kind and model, and then seconds and kept worlds, for the rows of one model."""
    worlds = part.groupby(["kind", "seed"])
    totals = worlds[["contribution", "true_contribution"]].sum()
    media = totals["contribution"] / totals["true_contribution"]
    by_spend = (part["weight"] * part["error"]).sum() / len(media)
    firsts = worlds[["seconds", "kept"]].first()
    return (
        str(len(media)),
        str(len(part)),
        f"{part['inside'].mean():.0%}",
        f"{part['error'].mean():.0%}",
        f"{by_spend:.0%}",
        f"{part['error'].median():.0%}",
        f"{media.mean():.2f} ({media.min():.2f} – {media.max():.2f})",
        f"{part['width'].mean():.2f}",
        f"{firsts['seconds'].mean():.1f}",
        str(int(firsts["kept"].sum())),
    )


def error_ratio(table: pd.DataFrame, *, weighted: bool) -> tuple[float, float, float]:
    """Mean error of ours ÷ that of the rival, with the 94 % range over worlds drawn with replacement."""
    weights = table["weight"] if weighted else 1.0
    sums = (weights * table["error"]).groupby([table["kind"], table["seed"], table["model"]]).sum().unstack("model")
    pairs = sums[[OURS, RIVAL]].to_numpy()  # both have the same channels in each world
    chosen = np.random.default_rng(1).integers(len(pairs), size=(RESAMPLES, len(pairs)))
    drawn = pairs[chosen].sum(axis=1)
    lo, hi = np.quantile(drawn[:, 0] / drawn[:, 1], [(1 - HDI_PROB) / 2, (1 + HDI_PROB) / 2])
    ours, rival = pairs.sum(axis=0)
    return float(ours / rival), float(lo), float(hi)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=8, help="how many of each kind")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(ACCURACY_KINDS))
    parser.add_argument("--rival", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--config", default="{}", help='run settings as JSON, such as \'{"mode": "full"}\'')
    parser.add_argument("--cache", type=Path, help="a file that keeps the rival's answers between runs")
    parser.add_argument("--out", type=Path, help="a CSV file for the rows, one per channel, world and model")
    return parser.parse_args()


if __name__ == "__main__":
    main()
