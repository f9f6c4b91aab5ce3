"""Whether the channels can be told apart, and whether single periods decide what they return."""

from itertools import combinations

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.results import HealthCheck
from mixmodel_app.engine.health.fitted import CHECK, GOOD, Fitted, finding
from mixmodel_app.engine.health.rivals import with_drivers
from mixmodel_app.engine.health.search import Shift, shift
from mixmodel_app.engine.health.words import consequence
from mixmodel_app.engine.laplace import find_mode
from mixmodel_app.engine.loo import PARETO_LIMIT
from mixmodel_app.engine.priors import PriorSpec
from mixmodel_app.wording import numbers

TOGETHER_LIMIT = -0.6
MATTERS = 0.05
MOVED_LIMIT = 0.25
_MOST_PERIODS = 3
_ANYTHING = PriorSpec("Normal", {"mu": 0.0, "sigma": 10.0})


def check_collinear(fitted: Fitted) -> HealthCheck:
    """Pairs of channels of which one gains what the other loses: contributions that correlate below −0.6.

    Where the transformed media of two channels move together, the data know their sum and hardly the parts. The
    correlation over the draws shows what is left of that after priors and carryover; of two identical channels it is
    about −0.7, as effects are positive. Channels with less than 5 % of the effect of media do not count.
    """
    totals = fitted.effects.mean(axis=2)
    counted = np.flatnonzero(totals.mean(axis=1) >= MATTERS * totals.mean(axis=1).sum())
    pairs = {(a, b): _correlation(totals[a], totals[b]) for a, b in combinations(counted.tolist(), 2)}
    if not pairs:
        return finding("collinear", GOOD, "There are no two channels to tell apart.")
    names = fitted.data.channels
    a, b = min(pairs, key=pairs.__getitem__)
    alike = _correlation(fitted.effects[a].mean(axis=0), fitted.effects[b].mean(axis=0))
    facts = f"their estimates correlate by {_two(pairs[a, b])}, their effects over time by {_two(alike)}"
    if pairs[a, b] >= TOGETHER_LIMIT:
        evidence = f"The channels can be told apart. Nearest to each other are {names[a]} and {names[b]}: {facts}."
        return finding("collinear", GOOD, evidence)
    evidence = (
        f"{names[a]} and {names[b]} cannot be told apart: {facts}. Read them as one, or merge them; an experiment on "
        "either would separate them."
    )
    return finding("collinear", CHECK, evidence)


def _correlation(one: Array, other: Array) -> float:
    if not one.std() or not other.std():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _two(value: float) -> str:
    return numbers.plain(round(value, 2))


def check_influence(fitted: Fitted) -> HealthCheck:
    """Single periods without which media would return something else.

    A Pareto k above 0.7 marks periods whose removal changes the posterior much (`engine.loo`). The model is estimated
    again without each of the three strongest: to be checked when a quarter of the effect of media would move.
    """
    k = fitted.loo.pareto_k
    ranked = np.argsort(-k)[:_MOST_PERIODS]
    shifts = {
        int(period): found for period in ranked if k[period] > PARETO_LIMIT and (found := without(fitted, period))
    }
    if not shifts:
        worst = int(ranked[0])
        evidence = f"No single {fitted.data.frequency.period} decides the answer; the most telling is "
        return finding("influence", GOOD, f"{evidence}{fitted.period_text(worst)} (Pareto k {_two(float(k[worst]))}).")
    worst = max(shifts, key=lambda period: shifts[period].moved)
    facts = f"Without {fitted.period_text(worst)} (Pareto k {_two(float(k[worst]))})"
    if shifts[worst].moved < MOVED_LIMIT:
        moved = numbers.percent(shifts[worst].moved)
        return finding("influence", GOOD, f"{facts} {moved} of the effect of media would move, which is little.")
    remedy = "If something special happened then, add it as an event; if it is a mistake, correct it."
    return finding("influence", CHECK, f"{facts} {consequence(fitted.channels, shifts[worst])} {remedy}")


def without(fitted: Fitted, period: int) -> Shift | None:
    """What changes when a period has an effect of its own, of any size, so that it tells nothing of the rest."""
    if fitted.mode is None:
        return None
    alone = (np.arange(fitted.data.n_periods) == period).astype(float)[:, None]
    spec = with_drivers(fitted.mode.spec, "left_out", alone, _ANYTHING)
    mode = find_mode(spec, fitted.mode.point)
    return shift(fitted.mode, mode) if mode else None
