"""Engines register themselves, and naming them costs no PyMC."""

import subprocess
import sys

import pytest

from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import BaseMMM, create_engine, load_engines


def test_the_pymc_engine_is_there_with_its_label() -> None:
    engines = load_engines()
    assert engines.keys()[0] == "pymc"
    assert "PyMC-Marketing" in engines.get("pymc").label
    assert all(issubclass(engine, BaseMMM) for engine in engines)


def test_the_configuration_chooses_the_engine() -> None:
    config = RunConfig(random_seed=3)
    assert create_engine(config).config is config


def test_an_unknown_engine_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as caught:
        create_engine(RunConfig(engine="oracle"))
    assert caught.value.errors[0].field == "config.engine"
    assert "pymc" in caught.value.errors[0].message


def test_no_engine_module_imports_a_heavy_library() -> None:
    code = (
        "import sys; from mixmodel_app.engine.base import load_engines; load_engines();"
        "heavy = {'pymc', 'pymc_marketing', 'pytensor', 'arviz', 'numba', 'nutpie', 'xarray'} & set(sys.modules);"
        "print(sorted(heavy))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_results_before_a_fit_are_a_programming_error() -> None:
    with pytest.raises(RuntimeError, match="fit"):
        create_engine(RunConfig()).extract_results()
