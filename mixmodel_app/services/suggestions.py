"""The plan that recommendations start from: last year's budget, moved as far as one could move it.

Finding it is the dearest part of reading results, and for all data it is always the same question: so it is answered
once, where the fit ends, and kept in the run's headline.
"""

from collections.abc import Iterable
from dataclasses import replace

from mixmodel_app import __version__
from mixmodel_app.domain.budget import MOVABLE, BudgetPlan, BudgetRequest
from mixmodel_app.domain.curves import ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.errors import Infeasible
from mixmodel_app.domain.headline import Headline, level_key
from mixmodel_app.domain.period import Span
from mixmodel_app.domain.preferences import LEVELS
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.planning.optimise import optimise_at


def suggested_plan(
    response: ResponseDraws, frequency: Frequency, level: float, span: Span | None = None
) -> BudgetPlan | None:
    """Last year's budget with every channel within `MOVABLE` of its spend: a move one could make. None without spend.

    With `span` it is the budget of these periods, spent again right after them.
    """
    return next(iter(_suggested(response, frequency, (level,), span)), None)


def headline(results: ModelResults, response: ResponseDraws) -> Headline:
    """What is kept of a run beside its results.

    Args:
        response: the draws as they are stored, in single precision: so the plan is the one that would be found later.
    """
    plans = _suggested(response, Frequency(results.frequency), LEVELS)
    known = {level_key(plan.level): plan.to_json() for plan in plans}
    nothing = dict.fromkeys(map(level_key, LEVELS))
    return replace(Headline.of(results), version=__version__, plans=nothing | known)


def _suggested(
    response: ResponseDraws, frequency: Frequency, levels: Iterable[float], span: Span | None = None
) -> list[BudgetPlan]:
    """One plan, with the ranges of each level; none when nothing was spent or no bound can be held."""
    weeks = min(frequency.periods_per_year, len(response.spend))
    if span is not None:
        response, weeks = replace(response, spend=response.spend[: span.last + 1]), span.size
    current = dict(zip(response.channels, response.spend[-weeks:].sum(axis=0).tolist(), strict=True))
    total = sum(current.values())
    if total <= 0:
        return []
    least, most = MOVABLE
    request = BudgetRequest(
        total_budget=total,
        min_per_channel={name: least * money for name, money in current.items()},
        max_per_channel={name: most * money for name, money in current.items()},
        weeks=weeks,
    )
    try:
        return optimise_at(response, request, frequency, levels)
    except Infeasible:
        return []
