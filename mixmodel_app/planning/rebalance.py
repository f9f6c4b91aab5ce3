"""One channel's money is changed by hand: under a fixed total the others give or take in proportion."""

import numpy as np

from mixmodel_app.planning.constraints import Bounds
from mixmodel_app.planning.solve import fit_to_budget


def rebalance(
    money: dict[str, float], held: set[str], low: dict[str, float], high: dict[str, float], total: float
) -> dict[str, float]:
    """The same money where the channels that are not `held` share what is left of `total`, in their proportions.

    Bounds of the others are held; where they stand in the way the sum misses the total, which is for the caller to
    say.

    Args:
        low, high: money by channel; none means 0, or no limit.
    """
    free = [name for name in money if name not in held]
    if not free:
        return money
    rest = max(total - sum(money[name] for name in money if name in held), 0.0)
    now = np.array([money[name] for name in free])
    least = np.array([low.get(name, 0.0) for name in free])
    most = np.maximum([high.get(name, rest) for name in free], least)
    share = now / now.sum() if now.sum() > 0 else np.full(len(free), 1 / len(free))
    wanted = float(np.clip(rest, least.sum(), most.sum()))
    fitted = fit_to_budget(share * rest, Bounds(least, most), wanted)
    return money | dict(zip(free, fitted.tolist(), strict=True))
