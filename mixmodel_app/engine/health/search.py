"""Forward search: which of the things that a model may lack do the data ask for, the most wanted first.

Residuals alone do not show what is missing, since media soak it up: a season that spend follows looks like very good
media. So every rival (`health.rivals`) estimates its media again, and is held against the model by its evidence, the
probability of the data with all parameters averaged over their priors (Kass and Raftery 1995, "Bayes factors"). The
rival that the data want most is kept, and the others are held against the model with it, so that one fault is not
named by all of its symptoms.
"""

import math
from dataclasses import dataclass

import numpy as np

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.model_options import Trend
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.health.rivals import RIVALS, Rival
from mixmodel_app.engine.laplace import Mode, find_mode

STRONG = 3.0  # log of 20 to 1: Kass and Raftery's "strong"
EVEN = 0.0
_ENOUGH = 3.5  # periods per sampled parameter


@dataclass(frozen=True, slots=True)
class Shift:
    """How the effects of media differ between two modes of one data set.

    Attributes:
        by_channel: (C,) mean effect of each channel after ÷ before; total: the same of all media.
        moved: Σ |change of a channel's effect| ÷ the effect of all media, the larger of before and after.
    """

    by_channel: Array
    total: float
    moved: float


def shift(before: Mode, after: Mode) -> Shift:
    used = before.spec.data.used
    old, new = np.where(used, before.gains, 0.0), np.where(used, after.gains, 0.0)
    return Shift(
        by_channel=np.where(used, after.gains / before.gains, 1.0),
        total=float(new.sum() / old.sum()),
        moved=float(np.abs(new - old).sum() / max(new.sum(), old.sum())),
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the data say of one rival.

    Attributes:
        adds: what it has more, in words.
        log_odds: log Bayes factor of the rival against the model, with all that was found before in both.
        likelier: whether that is above the limit of its code.
        shift: what it would change.
    """

    adds: str
    log_odds: float
    likelier: bool
    shift: Shift


def limit(code: str, config: RunConfig, periods_per_parameter: float) -> float:
    """The log odds from which a part counts as missing.

    Even odds where the model has nothing of it: a season and a trend are the rule and not the exception, and so is
    demand that spending follows. Strong evidence where it has some, as a finer part is the exception. Demand needs
    more also where there are few periods for each parameter: there waves come cheap, and in simulated markets without
    demand the odds exceeded 7 to 1 as often as even odds in long series, once in twenty.
    """
    if code == "demand":
        return float(np.clip(2 * (_ENOUGH - periods_per_parameter), EVEN, STRONG))
    return EVEN if is_bare(code, config) else STRONG


def is_bare(code: str, config: RunConfig) -> bool:
    """Whether the model has no season at all, or no trend at all.

    These come first where they are wanted: without a season, its waves would pass for demand.
    """
    return (code == "season" and not config.yearly_seasonality) or (code == "trend" and config.trend is Trend.NONE)


def search(base: Mode) -> dict[str, Verdict]:
    """A verdict by code on the model whose mode is `base`; none where a code has no rival."""
    config = base.spec.config
    limits = {code: limit(code, config, base.spec.data.n_periods / len(base.point)) for code in RIVALS}
    settled: dict[str, Verdict] = {}
    while True:
        best = {code: found for code in RIVALS if code not in settled and (found := _best(base, code))}
        verdicts = {code: _verdict(base, *found, limits[code]) for code, found in best.items()}
        likelier = {code: verdict.log_odds - limits[code] for code, verdict in verdicts.items() if verdict.likelier}
        if not likelier:
            return settled | verdicts
        first = max(likelier, key=lambda code: (is_bare(code, config), likelier[code]))
        settled[first], base = verdicts[first], best[first][1]


def _best(base: Mode, code: str) -> tuple[Rival, Mode] | None:
    """The rival of a code with the highest evidence, and its mode."""
    modes = [(rival, mode) for rival in RIVALS[code](base) if (mode := find_mode(rival.spec, rival.start))]
    return max(modes, key=lambda pair: _evidence(*pair), default=None)


def _evidence(rival: Rival, mode: Mode) -> float:
    return mode.log_evidence - math.log(rival.tries)


def _verdict(base: Mode, rival: Rival, mode: Mode, enough: float) -> Verdict:
    log_odds = _evidence(rival, mode) - base.log_evidence
    return Verdict(rival.adds, log_odds, bool(log_odds > enough), shift(base, mode))
