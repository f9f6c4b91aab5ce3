"""The notebook of a run: its formulas are those of the engine, and what people typed stays text."""

import json

import numpy as np
import pytest

from mixmodel_app.domain.curves import saturate
from mixmodel_app.domain.model_options import Adstock, Saturation
from mixmodel_app.engine.transforms import carryover_weights
from mixmodel_app.exports.notebook import LEVELS, LOG_WEIGHTS, notebook
from tests.factories import make_results

RNG = np.random.default_rng(5)
SHAPE = {name: RNG.uniform(0.2, 0.9, (30, 1)) for name in ("alpha", "theta", "lam", "k", "gamma", "slope", "kappa")}


@pytest.mark.parametrize("kind", Adstock, ids=str)
def test_the_carryover_of_the_notebook_is_the_engines(kind: Adstock) -> None:
    lag = np.arange(8, dtype=float)
    written = np.exp(eval(LOG_WEIGHTS[kind], {"np": np, "lag": lag, "p": SHAPE}))
    expected = carryover_weights(kind, {name: values[:, 0] for name, values in SHAPE.items()}, 8)
    assert written / written.sum(axis=1, keepdims=True) == pytest.approx(expected)


@pytest.mark.parametrize("kind", Saturation, ids=str)
def test_the_saturation_of_the_notebook_is_the_engines(kind: Saturation) -> None:
    x = RNG.uniform(0, 1, (30, 50))
    assert eval(LEVELS[kind], {"np": np, "x": x, "p": SHAPE}) == pytest.approx(saturate(kind.value, SHAPE, x))


def test_it_is_a_notebook_and_a_name_cannot_write_into_it() -> None:
    config = {"adstock_type": "geometric", "saturation_type": "hill"}
    content = json.loads(notebook(make_results(2), config, "Spring <script>\n# x`", "mixmodel-1.nc"))
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert {cell["cell_type"] for cell in content["cells"]} == {"markdown", "code"}
    assert len({cell["id"] for cell in content["cells"]}) == len(content["cells"])
    title = content["cells"][0]["source"][0]
    assert title == "# Spring script x\n"
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), "cell", "exec")
