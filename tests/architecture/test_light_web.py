"""The web process never loads the engine's libraries."""

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from tests.architecture.app_parts import ROOT

HEAVY = {"pymc", "pymc_marketing", "pytensor", "arviz", "numba", "nutpie", "jax"}
OF_REPORTS = {"pptx", "fpdf", "fontTools", "matplotlib"}

_APPLICATION = "import mixmodel_app.mixmodel_app"

_IMPORT_PACKAGES = """
import importlib, pkgutil
for package in "api components pages services state charts exports planning ingest wording storage".split():
    found = importlib.import_module(f"mixmodel_app.{package}")
    for module in pkgutil.walk_packages(found.__path__, found.__name__ + "."):
        importlib.import_module(module.name)
"""

_LIST_ENGINES = "from mixmodel_app.engine.base import load_engines; assert len(load_engines()) > 0"

_PREVIEW = """
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine import prior_predictive
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.simulate import simulate
from mixmodel_app.engine.spec import model_spec
dataset = simulate(n_periods=60)
engine = create_engine(RunConfig())
engine.check_config(dataset.mapping)
assert prior_predictive.preview(model_spec(engine.prepare_data(dataset.frame, dataset.mapping))).sentences
"""


_START = """
import asyncio, gc
from starlette.applications import Starlette
from mixmodel_app.mixmodel_app import app

async def start():
    async with app._run_lifespan_tasks(Starlette()):
        print(gc.get_freeze_count())

print(gc.get_freeze_count())
asyncio.run(start())
"""

_THREADS = """
import asyncio, threading
from starlette.applications import Starlette
from mixmodel_app.mixmodel_app import app

async def start():
    together = threading.Barrier(20)
    async with app._run_lifespan_tasks(Starlette()):
        await asyncio.gather(*(asyncio.to_thread(together.wait, 20) for _ in range(20)))
        print("all at once")

asyncio.run(start())
"""


@cache
def _loaded_by(program: str) -> frozenset[str]:
    """Names of the modules that a process has loaded after this."""
    said = _run(f"{program}\nimport json, sys; print(json.dumps(list(sys.modules)))")
    return frozenset(json.loads(said.splitlines()[-1]))


def _run(program: str) -> str:
    """What a process without settings of its own prints."""
    own = ("DATABASE_", "REDIS_", "STORAGE_", "MIXMODEL_", "APP_ENV")
    env = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "program",
    [_APPLICATION, _IMPORT_PACKAGES, _LIST_ENGINES, _PREVIEW],
    ids=["the application", "every module of the web", "the list of engines", "a preview of priors"],
)
def test_nothing_heavy_is_loaded(program: str) -> None:
    assert not HEAVY & _loaded_by(program)


def test_libraries_of_reports_wait_for_the_first_download() -> None:
    assert not OF_REPORTS & _loaded_by(_APPLICATION)


def test_the_collector_leaves_alone_what_the_start_has_made() -> None:
    before, after = map(int, _run(_START).splitlines()[-2:])
    assert after - before > 100_000


def test_a_few_slow_services_hold_nobody_else_up() -> None:
    assert _run(_THREADS).splitlines()[-1] == "all at once"
