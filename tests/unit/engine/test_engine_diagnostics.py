"""R-hat and effective sample sizes, held equal to ArviZ's."""

import numpy as np
import pytest

from mixmodel_app.engine.diagnostics import mixing, parameter_table, rhat
from mixmodel_app.engine.types import ParameterDraws


def chains(persistence: float, shift: float = 0.0, n_chains: int = 4, n_draws: int = 501) -> np.ndarray:
    rng = np.random.default_rng(3)
    values = rng.standard_normal((n_chains, n_draws))
    for draw in range(1, n_draws):
        values[:, draw] += persistence * values[:, draw - 1]
    return values + shift * np.arange(n_chains)[:, None]


@pytest.mark.parametrize("persistence", [-0.5, 0.0, 0.6, 0.95])
@pytest.mark.parametrize("shift", [0.0, 0.4])
@pytest.mark.parametrize("n_draws", [500, 501])
def test_equal_to_arviz(persistence: float, shift: float, n_draws: int) -> None:
    import arviz as az

    values = chains(persistence, shift, n_draws=n_draws)
    mixed = mixing(values)
    assert mixed.rhat == rhat(values) == pytest.approx(float(az.rhat(values)), abs=1e-6)
    assert mixed.ess_bulk == pytest.approx(float(az.ess(values, method="bulk")), rel=1e-6)
    assert mixed.ess_tail == pytest.approx(float(az.ess(values, method="tail", prob=(0.05, 0.95))), rel=1e-6)


def test_tied_draws_are_ranked_as_arviz_ranks_them() -> None:
    import arviz as az

    values = np.round(chains(0.3), 0)
    assert rhat(values) == pytest.approx(float(az.rhat(values)), abs=1e-6)
    assert mixing(values).ess_bulk == pytest.approx(float(az.ess(values, method="bulk")), rel=1e-6)


def test_one_chain_is_compared_with_itself() -> None:
    drifting = np.linspace(0, 1, 400)[None] + 0.01 * chains(0.0, n_chains=1, n_draws=400)
    assert rhat(drifting) > 1.5
    assert rhat(chains(0.0, n_chains=1, n_draws=400)) < 1.02


def test_chains_that_stand_still_apart_get_a_finite_and_terrible_rhat() -> None:
    assert rhat(np.repeat([[0.0], [1.0]], 100, axis=1)) >= 1000


def test_the_table_holds_summaries_and_at_most_200_draws() -> None:
    values = chains(0.0) + 3
    (row,) = parameter_table([ParameterDraws("adstock_alpha[TV]", "TV", values)], [mixing(values)])
    assert (row.name, row.channel) == ("adstock_alpha[TV]", "TV")
    assert row.mean == pytest.approx(values.mean())
    assert row.std == pytest.approx(values.std(ddof=1))
    assert row.lo < 3 < row.hi
    assert len(row.samples) == 200
