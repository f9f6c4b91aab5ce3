"""Whether a log link holds its own: channels that add up against channels that multiply, on markets of both sorts.

`python benchmarks/log_link.py [--worlds 6] [--first-seed 501]` takes markets of three kinds as they are, where
contributions add up, and again with the same parts multiplied,

    outcome[t] = baseline[t] · exp(Σ_c contribution[t, c] ÷ mean baseline) + noise[t],

where the effect of a channel is what the outcome would lose without it. Each market is fitted twice with the default
model: as it is, and with a log link, which is the same model of m (1 + log(outcome ÷ m)), m being the mean outcome. A
channel's effect under the link is outcome · (1 − exp(−contribution ÷ m)), week by week at the posterior mean; its range
is that of the fit, moved by the same factor.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the workers have it

import logging
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.simulate import SimulatedDataset
from mixmodel_app.engine.worlds import world

KINDS = ("matched", "trend_season", "demand_observed")


@dataclass(frozen=True, slots=True)
class Market:
    """An outcome (T,) and what each channel did to it, (T,) by name."""

    outcome: Array
    effects: dict[str, Array]


@dataclass(frozen=True, slots=True)
class Row:
    """One channel: how far its return is from the truth, and whether its range holds it."""

    error: float
    spend: float
    inside: bool
    found: float
    true: float


def adding(data: SimulatedDataset) -> Market:
    target = data.frame[data.mapping.target_column].to_numpy(float)
    return Market(target, dict(data.truth["series"]["channels"]))


def multiplying(data: SimulatedDataset) -> Market:
    series = data.truth["series"]
    baseline, scale = series["baseline"], series["baseline"].mean()
    lifts = {name: effect / scale for name, effect in series["channels"].items()}
    whole = baseline * np.exp(sum(lifts.values()))
    return Market(whole + series["noise"], {name: whole * (1 - np.exp(-lift)) for name, lift in lifts.items()})


def rows(data: SimulatedDataset, market: Market, seed: int, *, link: bool) -> list[Row]:
    """Every channel of one fit."""
    mean = market.outcome.mean()
    target = mean * (1 + np.log(market.outcome / mean)) if link else market.outcome
    engine = create_engine(RunConfig.from_json({"random_seed": seed}))
    frame = data.frame.assign(**{data.mapping.target_column: target})
    engine.fit(engine.prepare_data(frame, data.mapping))
    found = engine.extract_results().results
    return [_row(data, market, found, name, mean if link else None) for name in found.channel_names]


def _row(data: SimulatedDataset, market: Market, found: ModelResults, name: str, mean: float | None) -> Row:
    channel = next(channel for channel in found.channels if channel.name == name)
    assert channel.roas is not None
    factor = 1.0
    if mean is not None:
        parts = np.asarray(found.decomposition.channels[name])
        factor = float((market.outcome * (1 - np.exp(-parts / mean))).sum() / parts.sum())
    spend = data.truth["channels"][name]["spend"]
    true, roas = float(market.effects[name].sum()) / spend, channel.roas.median * factor
    inside = channel.roas.lo * factor <= true <= channel.roas.hi * factor
    return Row(abs(roas / true - 1), spend, inside, roas * spend, true * spend)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=6, help="of each kind")
    parser.add_argument("--first-seed", type=int, default=501)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    create_engine(RunConfig()).warm_up()
    print(
        f"{'market':<14}{'model':<8}{'inside':>8}{'mean error':>12}{'by spend':>10}{'median':>8}{'media ÷ truth':>15}"
    )
    for sort, make in (("adding", adding), ("multiplying", multiplying)):
        worlds = [(world(kind, options.first_seed + n), n) for kind in KINDS for n in range(options.worlds)]
        for link in (False, True):
            every = [row for data, seed in worlds for row in rows(data, make(data), seed, link=link)]
            errors, spend = np.array([row.error for row in every]), np.array([row.spend for row in every])
            media = sum(row.found for row in every) / sum(row.true for row in every)
            inside = sum(row.inside for row in every) / len(every)
            print(
                f"{sort:<14}{'log link' if link else 'sum':<8}{inside:>15.0%}{errors.mean():>15.0%}"
                f"{(errors * spend).sum() / spend.sum():>15.0%}{np.median(errors):>15.0%}{media:>15.2f}"
            )


if __name__ == "__main__":
    main()
