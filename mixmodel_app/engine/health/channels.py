"""Whether the channels can be told apart, and whether single periods decide what they return."""

from itertools import combinations

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.results import HealthCheck
from mixmodel_app.engine.health.fitted import CHECK, GOOD, Fitted, finding
from mixmodel_app.engine.loo import PARETO_LIMIT
from mixmodel_app.wording import numbers

TOGETHER_LIMIT = -0.7
MATTERS = 0.05
MOVED_LIMIT = 1.5


def check_collinear(fitted: Fitted) -> HealthCheck:
    """Pairs of channels of which one gains what the other loses: contributions that correlate below −0.7.

    Where the transformed media of two channels move together, the data know their sum and hardly the parts. The
    correlation over the draws shows what is left of that after priors and carryover; it is stricter than that of the
    spends, which harms only where effects are large. Channels with less than 5 % of the effect of media do not count.
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
    """Single periods without which a channel would return something else.

    A Pareto k above 0.7 marks a period whose removal changes the posterior much (`engine.loo`). Weighting the draws
    as if the period were missing shows what would change: to be checked when the effect of a channel would move by
    more than one and a half of its standard deviations. The weights of such a period are themselves uncertain.
    """
    k = fitted.loo.pareto_k
    strong = np.flatnonzero(k > PARETO_LIMIT)
    if not strong.size:
        worst = int(np.argmax(k))
        evidence = f"No single {fitted.data.frequency.period} decides the answer; the most telling is "
        return finding("influence", GOOD, f"{evidence}{fitted.period_text(worst)} (Pareto k {_two(float(k[worst]))}).")
    shift = moved(fitted, strong)
    worst = int(np.argmax(np.abs(shift).max(axis=1)))
    channel = int(np.argmax(np.abs(shift[worst])))
    size = np.abs(shift[worst, channel])
    without = f"Without {fitted.period_text(int(strong[worst]))} (Pareto k {_two(float(k[strong[worst]]))}),"
    facts = (
        f"{without} the effect of {fitted.data.channels[channel]} would move by {_two(float(size))} of its deviations"
    )
    if size <= MOVED_LIMIT:
        return finding("influence", GOOD, f"{facts}, which is the most that one {fitted.data.frequency.period} does.")
    remedy = "If something special happened then, add it as an event; if it is a mistake, correct it."
    return finding("influence", CHECK, f"{facts}. {remedy}")


def moved(fitted: Fitted, periods: np.ndarray) -> Array:
    """(len(periods), C) change of each channel's mean effect without each period, in its posterior deviations."""
    totals = fitted.effects.mean(axis=2)
    weights = np.exp(fitted.loo.log_weights[:, periods])
    spread = totals.std(axis=1)
    change = weights.T @ totals.T - totals.mean(axis=1)
    return np.where(spread > 0, change / np.where(spread > 0, spread, 1.0), 0.0)
