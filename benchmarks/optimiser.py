"""How far the optimiser is from the best split, and how long it takes.

Three channels are compared with every point of a fine grid, eight with differential evolution (a global search that
knows nothing of gradients). A gap above 0 is revenue that the optimiser missed, in per cent of the reference; below 0
the reference was worse. Run: `python -m benchmarks.optimiser`.
"""

import time
from collections.abc import Callable

import numpy as np
from scipy.optimize import differential_evolution

from mixmodel_app.domain.budget import BudgetRequest
from mixmodel_app.domain.curves import Array, ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.planning.optimise import optimise
from mixmodel_app.planning.response import PlanResponse

N_DRAWS, WEEKS, LAGS, PERIODS = 500, 52, 8, 156
GRID_STEPS = 100
REFERENCE_DRAWS = 60  # differential evolution on all draws would take minutes; both are then scored on all draws


def posterior(n_channels: int, saturation: str, seed: int) -> ResponseDraws:
    """Draws like those of a fit: unlike channels, correlated with nothing, Hill slopes on both sides of 1."""
    rng = np.random.default_rng(seed)
    size = (N_DRAWS, n_channels)
    decay = rng.beta(4, 6, size)[:, :, None] ** np.arange(LAGS)
    spend = rng.gamma(2.0, 1.0, (PERIODS, n_channels)) * np.exp(rng.normal(9, 0.6, n_channels))
    spread = rng.normal(0, 0.25, size)
    params = {"lam": np.exp(rng.normal(0.9, 0.4, n_channels) + spread)}
    if saturation == "hill":
        kappa = np.exp(rng.normal(-0.9, 0.2, size))
        params = {"slope": np.exp(rng.normal(0.5, 0.4, n_channels) + spread), "kappa": kappa}
    return ResponseDraws(
        channels=tuple(f"channel {number + 1}" for number in range(n_channels)),
        saturation=saturation,
        weights=decay / decay.sum(axis=-1, keepdims=True),
        params=params,
        beta=np.exp(rng.normal(-3, 0.5, n_channels) + rng.normal(0, 0.25, size)),
        media_scale=spend.max(axis=0),
        target_scale=1e6,
        unit_cost=np.ones(n_channels),
        spend=spend,
    )


def best_of_grid(response: PlanResponse, budget: float) -> Array:
    """The best of all splits of the budget in steps of one per cent, for three channels."""
    steps = [np.full(3, budget * k / GRID_STEPS) for k in range(GRID_STEPS + 1)]
    table = np.stack([response.contribution(money).mean(axis=0) for money in steps], axis=1)
    first, second = np.meshgrid(np.arange(GRID_STEPS + 1), np.arange(GRID_STEPS + 1), indexing="ij")
    third = GRID_STEPS - first - second
    revenue = table[0, first] + table[1, second] + table[2, np.maximum(third, 0)]
    i, j = np.unravel_index(np.where(third >= 0, revenue, -np.inf).argmax(), revenue.shape)
    return np.array([i, j, GRID_STEPS - i - j]) * budget / GRID_STEPS


def best_of_evolution(response: PlanResponse, budget: float) -> Array:
    """Differential evolution over weights that are normalised to the budget."""
    thinned = response.thin(REFERENCE_DRAWS)
    channels = len(response.draws.channels)

    def loss(weights: Array) -> float:
        return -float(thinned.contribution(weights / weights.sum() * budget).mean(axis=0).sum())

    found = differential_evolution(loss, [(1e-6, 1.0)] * channels, rng=1, maxiter=250, tol=1e-9)
    return found.x / found.x.sum() * budget


def compare(n_channels: int, saturation: str, seed: int, reference: Callable[[PlanResponse, float], Array]) -> str:
    """One line of the table."""
    draws = posterior(n_channels, saturation, seed)
    budget = float(draws.spend[-WEEKS:].sum())
    request = BudgetRequest(budget, weeks=WEEKS)
    optimise(draws, request, Frequency.WEEKLY)
    started = time.perf_counter()
    plan = optimise(draws, request, Frequency.WEEKLY)
    took = time.perf_counter() - started
    response = PlanResponse.over(draws, WEEKS)
    started = time.perf_counter()
    other = float(response.contribution(reference(response, budget)).mean(axis=0).sum())
    reference_took = time.perf_counter() - started
    gap = 100 * (other - plan.predicted_revenue) / other
    gain = 100 * plan.gain / plan.current_revenue
    times = f"{1e3 * took:8.0f} {1e3 * reference_took:12.0f}"
    return f"{n_channels:8d}  {saturation:9s} {seed:4d} {gap:9.4f} {gain:9.1f} {times}"


def main() -> None:
    print("channels  curve     seed     gap %    gain %  time ms  reference ms")
    for saturation in ("logistic", "hill"):
        for seed in range(3):
            print(compare(3, saturation, seed, best_of_grid))
        for seed in range(2):
            print(compare(8, saturation, seed, best_of_evolution))


if __name__ == "__main__":
    main()
