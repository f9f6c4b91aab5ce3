"""A Jupyter notebook that reads a run's NetCDF file and computes its headline numbers with numpy and xarray only.

It holds the formulas of this run's shapes in full, so that whoever reads it can follow every number without MixModel.
"""

import json
from typing import Any

from mixmodel_app.domain.model_options import Adstock, Saturation
from mixmodel_app.domain.results import Estimate, ModelResults

LOG_WEIGHTS: dict[Adstock, str] = {
    Adstock.GEOMETRIC: "lag * np.log(p['alpha'])",
    Adstock.DELAYED: "(lag - p['theta']) ** 2 * np.log(p['alpha'])",
    Adstock.BINOMIAL: "(1 / p['alpha'] - 1) * np.log1p(-lag / (len(lag) + 1))",
    Adstock.WEIBULL: "(p['k'] - 1) * np.log((lag + 1) / p['lam']) - ((lag + 1) / p['lam']) ** p['k']",
    Adstock.WEIBULL_CDF: "-np.cumsum((lag / p['lam']) ** p['k'], axis=-1)",
}
"""Log weight of each `lag`, from carryover parameters `p`, each (draws, 1)."""

LEVELS: dict[Saturation, str] = {
    Saturation.LOGISTIC: "np.tanh(p['lam'] * x / 2)",
    Saturation.TANH: "np.tanh(p['gamma'] * x)",
    Saturation.HILL: "x ** p['slope'] / (p['kappa'] ** p['slope'] + x ** p['slope'])",
    Saturation.MICHAELIS_MENTEN: "x / (p['lam'] + x)",
    Saturation.ROOT: "x ** p['alpha']",
}
"""Diminishing returns of carried-over media `x` (draws, periods), from parameters `p`, each (draws, 1)."""

_LOAD = """\
import json

import numpy as np
import xarray as xr

FILE = {file!r}  # put it beside this notebook, or write its path here
posterior = xr.open_dataset(FILE, group="posterior", engine="h5netcdf").load()
constant = xr.open_dataset(FILE, group="constant_data", engine="h5netcdf").load()
target = xr.open_dataset(FILE, group="observed_data", engine="h5netcdf")["target"].values
facts = xr.open_datatree(FILE, engine="h5netcdf").attrs
config = json.loads(facts["config"])
assert facts["data_digest"] == {digest!r}, "this is the file of another run"
channels = [str(name) for name in constant["channel"].values]"""

_FORMULAS = """\
def parameters(prefix, channel):
    \"\"\"Draws (S, 1) of one channel's parameters whose names start with the prefix, all chains end to end.\"\"\"
    return {{
        name.removeprefix(prefix): posterior[name].values[:, :, channel].reshape(-1, 1)
        for name in posterior.data_vars
        if name.startswith(prefix)
    }}


def contribution(channel):
    \"\"\"Contribution of one channel (S, T) in units of the outcome.\"\"\"
    lag = np.arange(config["l_max"], dtype=float)
    p = parameters("adstock_", channel)
    log_weight = {log_weight}
    weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
    weight /= weight.sum(axis=-1, keepdims=True)
    media = (constant["media"] / constant["media_scale"]).values[:, channel]
    delayed = np.stack([np.r_[np.zeros(int(l)), media][: len(media)] for l in lag])
    x = weight @ delayed
    p = parameters("saturation_", channel)
    return facts["target_scale"] * p["beta"] * {level}


def median_and_hdi(draws, prob=0.94):
    \"\"\"Median and the narrowest interval that holds the given share of the draws.\"\"\"
    ordered = np.sort(draws)
    held = int(np.ceil(prob * len(ordered) - 1e-9))
    start = np.argmin(ordered[held - 1 :] - ordered[: len(ordered) - held + 1])
    return float(np.median(draws)), float(ordered[start]), float(ordered[start + held - 1])"""

_COMPUTE = """\
spend = dict(zip(channels, constant["spend"].values.sum(axis=0)))
effect = {name: contribution(index).sum(axis=1) for index, name in enumerate(channels)}
known = [name for name in channels if spend[name] > 0]
returns = {name: median_and_hdi(effect[name] / spend[name]) for name in known}
blended = median_and_hdi(sum(effect[name] for name in known) / sum(spend[name] for name in known)) if known else None
media = sum(float(draws.mean()) for draws in effect.values())

print(f"Spend {sum(spend.values()):,.0f}, outcome {target.sum():,.0f}, brought in by media {media:,.0f}")
for name, (median, low, high) in returns.items():
    print(f"{name}: {median:.2f} per 1 spent (94 % range {low:.2f} to {high:.2f})")
if blended:
    print("All channels: {:.2f} per 1 spent (94 % range {:.2f} to {:.2f})".format(*blended))"""

_COMPARE = """\
shown = json.loads({shown!r})
assert np.isclose(sum(spend.values()), shown["spend"]) and np.isclose(target.sum(), shown["outcome"])
assert np.isclose(media, shown["media"], rtol=1e-6)
assert set(returns) == set(shown["returns"])
for name, figures in shown["returns"].items():
    assert np.allclose(returns[name], figures, rtol=1e-6), name
assert (blended is None) == (shown["blended"] is None)
if blended:
    assert np.allclose(blended, shown["blended"], rtol=1e-6)
print("Every number is the one that MixModel shows.")"""


def notebook(results: ModelResults, config: dict[str, Any], title: str, model_file: str) -> bytes:
    """The notebook as bytes of an .ipynb file (nbformat 4).

    Args:
        config: of the run, as stored.
        model_file: name of the NetCDF file that the notebook opens.
    """
    adstock, saturation = Adstock(config["adstock_type"]), Saturation(config["saturation_type"])
    intro = (
        f"# {_plain(title)}\n\nThis notebook reads `{model_file}`, the model file of the run, and computes its "
        f"headline numbers from the posterior draws: {results.n_chains} chains, {results.n_draws} draws. It needs "
        "`numpy`, `xarray` and `h5netcdf`."
    )
    model = (
        f"## The model of a channel\n\nMedia are divided by their highest value, carried over ({adstock.value}), "
        f"passed through diminishing returns ({saturation.value}) and multiplied by the height of the effect."
    )
    cells = [
        _markdown(intro),
        _code(_LOAD.format(file=model_file, digest=results.data_digest)),
        _markdown(model),
        _code(_FORMULAS.format(log_weight=LOG_WEIGHTS[adstock], level=LEVELS[saturation])),
        _markdown("## Spend, contributions and returns"),
        _code(_COMPUTE),
        _markdown("## The same numbers as in MixModel"),
        _code(_COMPARE.format(shown=json.dumps(_shown(results)))),
    ]
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1).encode()


def _shown(results: ModelResults) -> dict[str, Any]:
    return {
        "spend": results.total_spend,
        "outcome": results.total_target,
        "media": results.decomposition.breakdown().media,
        "blended": _figures(results.blended_roas),
        "returns": {channel.name: _figures(channel.roas) for channel in results.channels if channel.roas},
    }


def _figures(estimate: Estimate | None) -> list[float] | None:
    return [estimate.median, estimate.lo, estimate.hi] if estimate else None


def _plain(text: str) -> str:
    """A name that people typed, as one line without markup."""
    return " ".join("".join(sign for sign in text if sign.isalnum() or sign in " .,:-_()").split())


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(text: str) -> dict[str, Any]:
    source = text.splitlines(keepends=True)
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
