"""How fast a fit is: on the running product, against a plain PyMC-Marketing script, and as the work grows.

`python benchmarks/fit_speed.py` prints five tables; `--parts AB` chooses among them.

A. Click to results: from `POST /api/models/run` until the run says completed and its results were answered, on a
   MixModel that was started for this and whose worker is warm. Quick fits of the rival's model and of the default one.
B. The rival: `plain_script.py` from the start of its process until it has printed each channel's return, measured in
   turns with a quick and a full fit of the same model: geometric, logistic, two yearly waves, no trend. One round that
   does not count goes first, so that all find their caches on disk.
C. A shape that the worker has not seen since it started, and every pair of carryover and saturation on the same data.
   What the API does not know is "not offered".
D. Cost as the work grows, on the engine alone: each fit in a fresh child of a warm process, as in the worker.
E. What comes after sampling: `extract_results()`, which makes every figure that pages and API show, and beside it some
   of the same figures, and LOO, by PyMC-Marketing's own calls.

Data are the public 208 weeks (`--data`), or a simulated table of that size where the file is not there.

**Memory** in D is what a fit adds to a machine on which the warm worker idles. A forked child shares its parent's pages
until one of the two writes to them, so that neither its resident size (which counts the shared ones) nor the growth of
that (which misses the copies) says it. Counted are the pages that only the child has, its unique set size, read every
20 ms in a fit of its own that is not timed; a peak between two readings is missed.

Machines are noisy and seconds differ between them: read the medians beside each other, and the load beside both.
"""

import argparse
import contextlib
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed
from benchmarks.everyday import ACCOUNT, Product
from benchmarks.fit_engine import afterwards, growth, side_by_side
from benchmarks.fit_figures import (
    FIT_HEAD,
    PUBLIC,
    Cell,
    Fit,
    Market,
    load,
    measured,
    passing,
    public_market,
    show,
    simulated,
    spread,
)
from mixmodel_app.config import Settings
from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.engine.base import load_engines
from mixmodel_app.local.processes import free_port
from mixmodel_app.local.services import background

RIVAL = Path(__file__).with_name("plain_script.py")
AS_SCRIPT: dict[str, Cell] = {
    "adstock_type": "geometric",
    "saturation_type": "logistic",
    "yearly_seasonality": 2,
    "trend": False,
}
ADSTOCKS = ("geometric", "delayed", "weibull")
SATURATIONS = ("logistic", "hill", "michaelis_menten")
NEW_SHAPE_WEEKS, NEW_SHAPE_CHANNELS = 156, 7
_START_LIMIT_S = 180
_FIT_LIMIT_S = 900
_RENEW_AFTER_S = 120
_LOOK_EVERY_S = 0.02


def main() -> None:
    options = _options()
    if options.here:
        _engine_part(options)
        return
    print(_machine())
    parts = options.parts.upper()
    facts: dict[str, Any] = {}
    if set(parts) & set("ABC"):
        with running_product() as product:
            facts = product_parts(product, public_market(options.data), options)
    for part in (part for part in "DE" if part in parts):
        in_worker_environment(part)
    if "E" in parts:
        show_rival_afterwards(facts or rival(public_market(options.data), figures=True)[1])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="ABCDE", help="letters of the parts to run (default: all)")
    parser.add_argument("--data", type=Path, default=PUBLIC, help="the public weekly table")
    parser.add_argument("--seeds", type=int, default=8, help="fits of each model in part A")
    parser.add_argument("--rounds", type=int, default=3, help="repeats in B, D and E")
    parser.add_argument("--weeks", type=int, nargs="+", default=[208, 832], help="lengths in part D")
    parser.add_argument("--channels", type=int, nargs="+", default=[3, 5, 10, 20], help="numbers of channels in part D")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _machine() -> str:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("pymc-marketing", "pymc", "nutpie"))
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions}\n"
        "Machines are noisy: compare medians of one run with each other, not seconds of different machines."
    )


@contextlib.contextmanager
def running_product() -> Iterator[Product]:
    """A MixModel on a home and a port of its own, stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="mixmodel-bench-", ignore_cleanup_errors=True) as home:
        product = Product(Path(home), free_port())
        try:
            yield product
        finally:
            product.stop()


def product_parts(product: Product, market: Market, options: argparse.Namespace) -> dict[str, Any]:
    """Run what was asked for of A, B and C; gives what the last rival said about itself."""
    session, facts = Session(product), {}
    dataset = session.ready(market)
    session.fit(dataset)  # waits for the worker and behind its first work, the fit of the sample project
    parts = options.parts.upper()
    if "A" in parts:
        click_to_results(session, dataset, market, options)
    if "B" in parts:
        facts = against_rival(session, dataset, market, options.rounds, figures="E" in parts)
    if "C" in parts:
        new_shape(session)
        pairs(session, dataset, market)
    return facts


class NotOffered(Exception):
    """The API refused a setting of the run."""


class Session:
    """An account on a running product. Waits for rate limits and renews its token outside of what is timed."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._keep(product.call("POST", "/api/auth/register", ACCOUNT))
        deadline = time.monotonic() + _START_LIMIT_S
        while product.call("GET", "/health")["checks"]["worker"] != "ok":
            if time.monotonic() > deadline:
                raise RuntimeError(f"No worker was ready within {_START_LIMIT_S} s.")
            time.sleep(0.5)

    def _keep(self, tokens: dict[str, Any]) -> None:
        self.product.token, self._refresh = tokens["access_token"], tokens["refresh_token"]
        self._renew_at = time.monotonic() + _RENEW_AFTER_S

    def ready(self, market: Market) -> str:
        """Upload, map and validate; the dataset's id."""
        head = 'Content-Disposition: form-data; name="file"; filename="market.csv"\r\nContent-Type: text/csv'
        body = f"--cut\r\n{head}\r\n\r\n".encode() + market.csv() + b"\r\n--cut--\r\n"
        kind = "multipart/form-data; boundary=cut"
        dataset = self.product.call("POST", "/api/datasets/upload", body, kind)["dataset_id"]
        self.product.call("PUT", f"/api/datasets/{dataset}/mapping", {"column_mapping": market.mapping.to_json()})
        report = self.product.call("POST", f"/api/datasets/{dataset}/validate")
        if not report["is_valid"]:
            raise RuntimeError(f"The table is not valid: {report['errors']}")
        return dataset

    def fit(self, dataset: str, **config: Cell) -> Fit:
        """Click to results of one run, a quick one unless `config` says otherwise.

        Raises:
            NotOffered: the API does not know a setting.
            RuntimeError: the fit failed.
        """
        began, run = self._start({"dataset_id": dataset, "config": {"mode": "quick", **config}})
        last = self._follow(run)
        if last["status"] != "completed":
            raise RuntimeError(f"{last['status']}: {last['message']}")
        if self.product.call("GET", f"/api/models/{run}")["status"] != "completed":
            raise RuntimeError("The stream said completed before the run did.")
        analyst = self.product.call("GET", f"/api/models/{run}/results")["analyst"]
        return measured(time.perf_counter() - began, analyst)

    def _start(self, body: dict[str, Any]) -> tuple[float, str]:
        """When the accepted request was sent, and the run's id."""
        if time.monotonic() > self._renew_at:
            self._keep(self.product.call("POST", "/api/auth/refresh", {"refresh_token": self._refresh}))
        while True:
            began = time.perf_counter()
            try:
                return began, self.product.call("POST", "/api/models/run", body)["run_id"]
            except HTTPError as error:
                if error.code == 422:
                    raise NotOffered(error.read().decode(errors="replace")) from error
                if error.code != 429:
                    raise
                time.sleep(int(error.headers["Retry-After"]))

    def _follow(self, run: str) -> dict[str, Any]:
        """The last event of the run's progress stream, as soon as the stream ends."""
        url = f"{self.product.url}/api/models/{run}/progress?token={self.product.token}"
        with urllib.request.urlopen(url, timeout=_FIT_LIMIT_S) as stream:
            return json.loads(re.findall(r"data: (.*)", stream.read().decode())[-1])


def click_to_results(session: Session, dataset: str, market: Market, options: argparse.Namespace) -> None:
    """Part A."""
    for model, config in (("the script's model", AS_SCRIPT), ("the default model", {})):
        before = load()
        fits = [session.fit(dataset, **config, random_seed=seed) for seed in range(1, options.seeds + 1)]
        said = f"{spread([fit.seconds for fit in fits])}; {passing(fits)}"
        rows = [(f"seed {number}", *fit.cells()) for number, fit in enumerate(fits, 1)]
        show(f"A. Click to results, quick, {model}, {market}", ("", *FIT_HEAD), rows, said, before)


def against_rival(session: Session, dataset: str, market: Market, rounds: int, *, figures: bool) -> dict[str, Any]:
    """Part B; gives what the last rival said about itself."""
    before, facts = load(), {}
    rounds_of: list[tuple[Fit, Fit, Fit, float]] = []
    for seed in range(rounds + 1):
        quick, full = (session.fit(dataset, **AS_SCRIPT, mode=mode, random_seed=seed) for mode in ("quick", "full"))
        seconds, facts = rival(market, seed, figures=figures and seed == rounds)
        quality = {name: facts[name] for name in ("rhat", "ess_bulk", "ess_tail", "divergences", "draws")}
        if seed:  # the first one fills the caches on disk
            rounds_of.append((quick, full, Fit(seconds, **quality), facts["loading"]))
    rows: list[list[Cell]] = []
    for number, (quick, full, theirs, _) in enumerate(rounds_of, 1):
        named = ((f"quick {number}", quick), (f"full {number}", full), (f"script {number}", theirs))
        rows += [[name, *fit.cells()] for name, fit in named]
    said = _comparison(*([*each] for each in zip(*rounds_of, strict=True)))
    show(f"B. Against a plain PyMC-Marketing script, {market}", ("", *FIT_HEAD), rows, said, before)
    return facts


def _comparison(quick: list[Fit], full: list[Fit], theirs: list[Fit], loading: list[float]) -> str:
    """The ratios of the medians first; `loading` is the part of the script's seconds that goes to its imports."""
    script = [fit.seconds for fit in theirs]
    modes = (("quick", quick), ("full", full))
    lines = [_ratio(mode, [fit.seconds for fit in ours], script, loading) for mode, ours in modes]
    return "\n".join([*lines, f"script: {spread(script)}; its import lines: {spread(loading)}"])


def _ratio(mode: str, own: list[float], script: list[float], loading: list[float]) -> str:
    loaded = [seconds - imports for seconds, imports in zip(script, loading, strict=True)]
    each = [their / our for our, their in zip(own, script, strict=True)]
    ratio, without = (statistics.median(seconds) / statistics.median(own) for seconds in (script, loaded))
    return (
        f"The script takes {ratio:.1f} × as long as {mode} (in single rounds {min(each):.1f} to {max(each):.1f} ×), "
        f"{without:.1f} × without its import lines; {mode}: {spread(own)}"
    )


def rival(market: Market, seed: int = 1, *, figures: bool = False) -> tuple[float, dict[str, Any]]:
    """Seconds from the start of the script's process to its last printed return, and what it says about itself."""
    with tempfile.TemporaryDirectory(prefix="mixmodel-bench-") as folder:
        table, log = Path(folder) / "market.csv", Path(folder) / "errors.txt"
        table.write_bytes(market.csv())
        command = [sys.executable, str(RIVAL), str(table), *_roles(market.mapping), "--seed", str(seed)]
        command.append("--figures" if figures else "--more")
        began = time.perf_counter()
        with log.open("w") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
            assert process.stdout is not None
            finished = any(line == b"finished\n" for line in process.stdout)
            seconds = time.perf_counter() - began
            rest = process.stdout.read().decode()
        if not finished or process.returncode:
            raise RuntimeError(f"The script failed:\n{log.read_text()[-2000:]}")
    return seconds, json.loads(rest.strip().splitlines()[-1])


def _roles(mapping: ColumnMapping) -> list[str]:
    roles = ["--date", mapping.date_column, "--target", mapping.target_column]
    roles += ["--channels", ",".join(mapping.media_columns)]
    return [*roles, "--controls", ",".join(mapping.control_columns)] if mapping.control_columns else roles


def new_shape(session: Session) -> None:
    """Part C, first half: what a worker that is warm for other tables needs for one of another shape."""
    before, market = load(), simulated(NEW_SHAPE_WEEKS, NEW_SHAPE_CHANNELS)
    dataset = session.ready(market)
    rows = [(name, *_attempt(session, dataset, random_seed=1)) for name in ("first time", "again")]
    controls = len(market.mapping.control_columns)
    show(f"C. A shape not seen before, {market} × {controls} controls", ("", *FIT_HEAD), rows, "", before)


def pairs(session: Session, dataset: str, market: Market) -> None:
    """Part C, second half."""
    before = load()
    chosen = [(adstock, saturation) for adstock in ADSTOCKS for saturation in SATURATIONS]
    rows = [
        (f"{adstock} × {saturation}", *_attempt(session, dataset, adstock_type=adstock, saturation_type=saturation))
        for adstock, saturation in chosen
    ]
    show(f"C. Pairs of carryover and saturation, quick, {market}", ("", *FIT_HEAD), rows, "", before)


def _attempt(session: Session, dataset: str, **config: Cell) -> list[Cell]:
    try:
        return session.fit(dataset, **{"random_seed": 1, **config}).cells()
    except NotOffered:
        return ["not offered"]
    except (RuntimeError, HTTPError) as error:
        return [str(error)]


def in_worker_environment(part: str) -> None:
    """Run one part in a process with the environment that the product gives its workers."""
    env = background(Settings.from_env(os.environ), os.environ)[0].env
    sys.stdout.flush()
    arguments = [*sys.argv[1:], "--parts", part, "--here"]
    subprocess.run([sys.executable, str(Path(__file__).resolve()), *arguments], env=dict(env), check=True)


def _engine_part(options: argparse.Namespace) -> None:
    warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
    for each in load_engines():
        each.warm_up()
    if "D" in options.parts:
        growth(options)
        side_by_side(options)
    else:
        afterwards(public_market(options.data), options.rounds)


def show_rival_afterwards(facts: dict[str, Any]) -> None:
    """Part E, the rival's half."""
    rows = list(facts["seconds"].items())
    title = f"E. After sampling, PyMC-Marketing's own calls, {facts['draws']} draws, one run"
    show(title, ("", "seconds"), rows, f"All but the last: {sum(seconds for _, seconds in rows[:-1]):.2f} s", load())


if __name__ == "__main__":
    main()
