"""Where does the next unit of money work best? Point-ranges of the marginal return."""

from mixmodel_app.charts.base import ChartOptions, ChartView, chart
from mixmodel_app.charts.returns import leader, returns_view
from mixmodel_app.domain.results import Estimate, ModelResults
from mixmodel_app.wording.uncertainty import BREAK_EVEN, break_even_phrase, next_one, return_writer, with_range


@chart("marginal_roas", views=("manager",), order=20)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Return on the next 1 spent at today's pattern, the best channel first."""
    estimates = {channel.name: channel.marginal_roas for channel in results.channels}
    best = leader(estimates)
    unit = next_one(options.currency)
    title = f"What would {unit} return?"
    takeaway = "No channel has spend to compute a marginal return from."
    if best is not None:
        name, estimate, hedge = best
        title = f"{name} {hedge}{_verb(estimate, len(estimates))} on {unit}"
        takeaway = _takeaway(name, estimate, options.currency)
    return returns_view(
        results, options, estimates, key="marginal_roas", title=title, metric=f"Return on {unit}", takeaway=takeaway
    )


def _verb(estimate: Estimate, channels: int) -> str:
    """Only what returns more than it costs is said to pay back."""
    if channels == 1:
        return break_even_phrase(estimate)
    return "pays back most" if estimate.median >= BREAK_EVEN else "comes closest to paying back"


def _takeaway(name: str, estimate: Estimate, currency: str) -> str:
    figures = with_range(estimate, return_writer(currency))
    return f"{next_one(currency).capitalize()} in {name} returns {figures}: it {break_even_phrase(estimate)}."
