"""What did each channel return? Point-ranges by channel with the break-even line."""

from mixmodel_app.charts.base import ChartOptions, ChartView, chart
from mixmodel_app.charts.returns import leader, learned_by_channel, returns_view
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.uncertainty import per_one, return_sentence


@chart("roas", views=("manager",), order=10)
def build(results: ModelResults, options: ChartOptions) -> ChartView:
    """Return per 1 spent over the data range, carryover included, the best channel first."""
    estimates = {channel.name: channel.roas for channel in results.channels}
    best = leader(estimates)
    title, takeaway = "What did each channel return?", "No channel has spend to compute a return from."
    if best is not None:
        name, estimate, hedge = best
        value = f"{numbers.returned(estimate.median)} {per_one()}"
        title = f"{name} {hedge}returned most: {value}" if len(estimates) > 1 else f"{name} returned {value}"
        takeaway = return_sentence(name, estimate, results.channel(name).learning, needed=options.break_even)
    metric = f"{_measure()} {per_one()}"
    return returns_view(
        results,
        options,
        estimates,
        key="roas",
        title=title,
        metric=metric,
        takeaway=takeaway,
        learned=learned_by_channel(results),
    )


def _measure() -> str:
    look = numbers.look()
    return look.things.capitalize() if look.counts else "Return"
