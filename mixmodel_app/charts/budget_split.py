"""Which channels gain and lose money? Current beside proposed spend."""

import plotly.graph_objects as go

from mixmodel_app.charts import marks, theme
from mixmodel_app.charts.axes import category_axis, money_ticks, value_axis
from mixmodel_app.charts.base import ChartOptions, ChartTable, ChartView, Column, plan_chart
from mixmodel_app.charts.text import hover, short
from mixmodel_app.charts.theme import ChannelStyle
from mixmodel_app.domain.budget import BudgetPlan
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.numbers import Format
from mixmodel_app.wording.recommendations import horizon
from mixmodel_app.wording.uncertainty import chances, range_name

_LITTLE = 0.005  # of the budget


@plan_chart("budget_split", order=10)
def build(plan: BudgetPlan, results: ModelResults, options: ChartOptions) -> ChartView:
    """Hatched bar: current; solid bar: proposed, both in the channel's colour; the largest proposal first."""
    order = sorted(plan.optimized_allocation, key=lambda name: plan.optimized_allocation[name], reverse=True)
    height = theme.height_for(len(order), 48, frame=96)
    return ChartView(
        key="budget_split",
        title=_title(plan),
        subtitle=f"Spend per channel {horizon(plan.weeks, results.frequency)}, hatched = current, solid = proposed"
        + (", * = outside observed spend" if plan.extrapolated else ""),
        figure=_figure(plan, results, order, height),
        takeaway=_takeaway(plan),
        table=_table(plan, order),
        height=height,
    )


def _title(plan: BudgetPlan) -> str:
    total = numbers.money(plan.total_budget)
    if _moves_little(plan):
        if not plan.is_best:
            return f"This plan is nearly what was spent last: {total}"
        return f"The current split of {total} is already close to the best"
    return f"Move {numbers.money(_moved(plan))} of {total} between channels"


def _takeaway(plan: BudgetPlan) -> str:
    if _moves_little(plan):
        subject = "The best split found" if plan.is_best else "This plan"
        return f"{subject} moves only {numbers.money(_moved(plan))}."
    span = numbers.value_range(*plan.gain_hdi, numbers.outcome)
    gain = f"{numbers.with_things(numbers.outcome(abs(plan.gain)))} {'more' if plan.gain >= 0 else 'less'}"
    subject = "The proposed split" if plan.is_best else "The plan"
    return (
        f"{subject} most likely brings {gain} than the current one (likely range {span}, {range_name(plan.level)}); "
        f"{chances(plan.probability_better)} that it is better."
    )


def _moved(plan: BudgetPlan) -> float:
    return sum(max(_change(plan, name), 0.0) for name in plan.optimized_allocation)


def _moves_little(plan: BudgetPlan) -> bool:
    return _moved(plan) < _LITTLE * plan.total_budget or not plan.total_budget


def _figure(plan: BudgetPlan, results: ModelResults, order: list[str], height: int) -> go.Figure:
    figure = marks.new_figure(height)
    styles = theme.channel_styles(results)
    colours = [styles.get(name, theme.OTHER_STYLE) for name in order]
    _bars(figure, [plan.current_allocation[name] for name in order], colours, "current", order)
    _bars(figure, [plan.optimized_allocation[name] for name in order], colours, "proposed", order)
    longest = [max(plan.optimized_allocation[name], plan.current_allocation[name]) for name in order]
    changes = [_change_text(plan, name) for name in order]
    marks.end_labels(figure, list(zip(longest, changes, strict=True)))
    category_axis(figure, [short(name) for name in order])
    figure.update_xaxes(value_axis(0, 1.4 * max(longest), money_ticks))
    figure.update_layout(barmode="group", bargap=0.35, bargroupgap=0.08)
    return figure


def _bars(figure: go.Figure, values: list[float], styles: list[ChannelStyle], name: str, order: list[str]) -> None:
    colours = [style.colour for style in styles]
    figure.add_bar(
        x=values,
        y=list(range(len(values))),
        orientation="h",
        name=name,
        marker={
            "color": colours,
            "line": {"color": colours, "width": 1},
            "pattern": theme.hatch(name == "current"),
        },
        hovertext=[
            hover(channel, f"{name} {numbers.full_money(value)}") for channel, value in zip(order, values, strict=True)
        ],
        hoverinfo="text",
    )


def _change(plan: BudgetPlan, name: str) -> float:
    return plan.optimized_allocation[name] - plan.current_allocation[name]


def _change_text(plan: BudgetPlan, name: str) -> str:
    """The change with its sign, and a star where the proposal lies outside observed spend."""
    text = numbers.signed_money(_change(plan, name))
    return f"{text} *" if name in plan.extrapolated else text


def _table(plan: BudgetPlan, order: list[str]) -> ChartTable:
    money = ("Current", "Proposed", "Change")
    returns = ("Return on the next 1 now", "Return on the next 1 then")
    return ChartTable(
        columns=(
            Column("Channel"),
            *(Column(label, Format.MONEY) for label in money),
            *(Column(label, Format.RETURN) for label in returns),
            Column("Observed"),
        ),
        rows=tuple(
            (
                name,
                plan.current_allocation[name],
                plan.optimized_allocation[name],
                _change(plan, name),
                plan.current_marginal_roas.get(name),
                plan.marginal_roas.get(name),
                "outside observed spend" if name in plan.extrapolated else "within observed spend",
            )
            for name in order
        ),
    )
