"""The same question without MixModel: a plain PyMC-Marketing script, as a careful analyst would write it.

`python benchmarks/plain_script.py sales.csv --date week --target revenue --channels tv,search --controls price` reads
the table, fits the stock model with nutpie, prints every channel's return and then the word "finished": that is what
`fit_speed.py` waits for. With `--more` a line of JSON follows, outside of any timing of the above: how well the chains
converged and how long the import lines took. `--figures` adds the seconds of the library's own calls for the other
figures of a results page.
"""

import argparse
import json
import logging
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation  # noqa: TID253 (this is the library's script)

CHAINS, DRAWS, TUNE = 4, 1000, 1000


def main() -> None:
    loading = time.time() - psutil.Process().create_time()
    options = _options()
    logging.getLogger("pymc").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    mmm = fit(options)
    began = time.perf_counter()
    returns = mmm.incrementality.contribution_over_spend(frequency="all_time").median(("chain", "draw")).squeeze()
    roas_seconds = time.perf_counter() - began
    for channel in returns["channel"].values:
        print(f"{channel:<20} ROAS {float(returns.sel(channel=channel)):.2f}")
    print("finished", flush=True)
    if options.more or options.figures:
        further = {"seconds": {"ROAS": roas_seconds, **figures(mmm)}} if options.figures else {}
        print(json.dumps({"loading": loading, **convergence(mmm), **further}))


def fit(options: argparse.Namespace) -> MMM:
    """The stock model with its own priors; the control is scaled as the library scales media, by its highest value."""
    table = pd.read_csv(options.table, parse_dates=[options.date])
    controls = options.controls.split(",") if options.controls else []
    table[controls] = table[controls] / table[controls].abs().max()
    mmm = MMM(
        date_column=options.date,
        target_column=options.target,
        channel_columns=options.channels.split(","),
        control_columns=controls or None,
        adstock=GeometricAdstock(l_max=8),
        saturation=LogisticSaturation(),
        yearly_seasonality=2,
    )
    mmm.fit(
        table.drop(columns=options.target),
        table[options.target],
        nuts_sampler="nutpie",
        chains=CHAINS,
        draws=DRAWS,
        tune=TUNE,
        random_seed=options.seed,
        progressbar=False,
    )
    return mmm


def convergence(mmm: MMM) -> dict[str, Any]:
    """Worst R-hat and fewest effective draws over the free parameters, as ArviZ counts them."""
    import arviz as az

    idata: Any = mmm.idata
    free = idata["posterior"].to_dataset()[[str(variable.name) for variable in mmm.model.free_RVs]]
    return {
        "rhat": _extreme(az.rhat(free), max),
        "ess_bulk": _extreme(az.ess(free, method="bulk"), min),
        "ess_tail": _extreme(az.ess(free, method="tail"), min),
        "divergences": int(idata["sample_stats"]["diverging"].values.sum()),
        "draws": CHAINS * DRAWS,
    }


def figures(mmm: MMM) -> dict[str, float]:
    """Seconds of the library's own calls for what a results page shows besides the return; LOO comes last."""
    import arviz as az
    import pymc as pm

    effects, summary, idata = mmm.incrementality, mmm.summary, mmm.idata
    assert idata is not None

    def loo() -> None:
        pm.compute_log_likelihood(idata, model=mmm.model, progressbar=False)
        az.loo(idata)

    return {
        "marginal ROAS": _seconds(lambda: effects.marginal_contribution_over_spend(frequency="all_time")),
        "contributions by period": _seconds(summary.contributions),
        "saturation and adstock curves": _seconds(lambda: (summary.saturation_curves(), summary.adstock_curves())),
        "log-likelihood and az.loo": _seconds(loo),
    }


def _extreme(found: Any, choose: Callable[[list[float]], float]) -> float:
    return choose([float(choose(values.values.ravel().tolist())) for values in found.data_vars.values()])


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, help="a CSV file")
    parser.add_argument("--date", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--channels", required=True, help="columns of spend, separated by commas")
    parser.add_argument("--controls", default="", help="columns of other drivers, separated by commas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--more", action="store_true", help="also print convergence and import time as JSON")
    parser.add_argument("--figures", action="store_true", help="and the seconds of further figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
