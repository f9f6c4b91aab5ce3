"""Where does the next unit of money work best? Point-ranges of the marginal return."""

from mixmodel_app.charts.base import ChartOptions, ChartView, chart
from mixmodel_app.charts.returns import leader, learned_by_channel, returns_view
from mixmodel_app.domain.results import Estimate, ModelResults
from mixmodel_app.wording.uncertainty import break_even_phrase, next_one, return_with_range


@chart("marginal_roas", views=("manager",), order=20)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Return on the next 1 spent at today's pattern, the best channel first."""
    estimates = {channel.name: channel.marginal_roas for channel in results.channels}
    best = leader(estimates)
    unit = next_one()
    title = f"What would {unit} return?"
    takeaway = "No channel has spend to compute a marginal return from."
    if best is not None:
        name, estimate, hedge = best
        title = f"{name} {hedge}{_verb(estimate, len(estimates), options.break_even)} on {unit}"
        takeaway = _takeaway(name, estimate, options)
    return returns_view(
        results,
        options,
        estimates,
        key="marginal_roas",
        title=title,
        metric=f"Return on {unit}",
        takeaway=takeaway,
        learned=learned_by_channel(results),
    )


def _verb(estimate: Estimate, channels: int, needed: float | None) -> str:
    """Only what returns more than it costs is said to pay back; nothing is where break-even is not known."""
    if needed is None:
        return "returns most" if channels > 1 else "may return more"
    if channels == 1:
        return break_even_phrase(estimate, needed)
    return "pays back most" if estimate.median >= needed else "comes closest to paying back"


def _takeaway(name: str, estimate: Estimate, options: ChartOptions) -> str:
    figures = return_with_range(estimate)
    verdict = break_even_phrase(estimate, options.break_even)
    return f"{next_one().capitalize()} in {name} returns {figures}{f': it {verdict}' if verdict else ''}."
