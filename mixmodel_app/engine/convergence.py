"""Whether chains have converged: the targets, how far they are reached, and what to say when they never are.

Targets: R-hat at most 1.01 and 400 effective draws in bulk and tails of every parameter (Vehtari et al. 2021).
"""

from dataclasses import dataclass

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.errors import FitFailed
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.wording.numbers import percent
from mixmodel_app.wording.parameters import in_words

RHAT_GOOD, RHAT_LIMIT = 1.01, 1.05
ESS_GOOD, ESS_LIMIT = 400, 100
DIVERGENT_LIMIT = 0.01


@dataclass(frozen=True, slots=True)
class Convergence:
    """The worst of all parameters, and the share of steps that diverged."""

    rhat: float
    rhat_of: str
    ess: float
    ess_of: str
    divergent: float = 0.0

    @property
    def reached(self) -> float:
        """Share of the targets, 1 or more when both hold: R-hat − 1 and 1 / ESS fall in proportion to the draws."""
        return min(self.ess / ESS_GOOD, (RHAT_GOOD - 1) / max(self.rhat - 1, 1e-9))

    @property
    def is_bad(self) -> bool:
        """Beyond use."""
        return self.rhat > RHAT_LIMIT or self.ess < ESS_LIMIT or self.divergent > DIVERGENT_LIMIT


def judge(posterior: Posterior, diverging: Array | None = None) -> Convergence:
    """The convergence of all parameters together; `diverging` (chain, draw) marks the steps that diverged."""
    worst_rhat, worst_ess = (0.0, ""), (np.inf, "")
    for each, mixed in zip(posterior.parameters, posterior.mixing, strict=True):
        worst_rhat = max(worst_rhat, (mixed.rhat, each.name))
        worst_ess = min(worst_ess, (min(mixed.ess_bulk, mixed.ess_tail), each.name))
    share = float(np.mean(diverging)) if diverging is not None else 0.0
    return Convergence(*worst_rhat, *worst_ess, share)


def refusal(found: Convergence) -> FitFailed:
    """What a person is told instead of results: what did not converge, for which channel, and what helps."""
    if found.rhat > RHAT_LIMIT or found.ess < ESS_LIMIT:
        worst, reason = (
            (found.rhat_of, f"its R-hat is {found.rhat:.2f}, and {RHAT_LIMIT} is the limit")
            if found.rhat > RHAT_LIMIT
            else (found.ess_of, f"it has {found.ess:.0f} effective draws, and {ESS_LIMIT} are the least")
        )
        message = f"The chains found different answers, {_TWICE}: for {in_words(worst)} {reason}."
        return FitFailed(message, hint=_remedy(worst))
    message = f"{percent(found.divergent)} of the sampler's steps diverged, {_TWICE}: parts of the answer are missing."
    return FitFailed(message, hint="Use simpler shapes (geometric, logistic), or priors closer to what the data say.")


_TWICE = "also in a second attempt with more care"
_REMEDIES = {
    "adstock": "Use geometric carryover or a shorter longest carryover, or say what you expect {owner} to return.",
    "saturation": "The data hardly show where {owner} saturates: use the logistic shape, say what you expect it to "
    "return, or merge the channel with one that is planned alongside it.",
    "gamma": "Leave the driver out, or merge it with one that moves alike.",
    "trend": "Use the straight trend instead of the smooth one.",
    "drift": "Use the straight trend instead of the smooth one.",
}


def _remedy(name: str) -> str:
    base, _, owner = name.partition("[")
    text = _REMEDIES.get(base.split("_")[0], "Fit again with more tuning steps, or with fewer channels and drivers.")
    return text.format(owner=owner.rstrip("]") or "the channel")
