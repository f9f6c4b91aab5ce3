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
from mixmodel_app.wording.uncertainty import LEVEL, chances, money_writer


@plan_chart("budget_split", order=10)
def build(plan: BudgetPlan, results: ModelResults, options: ChartOptions) -> ChartView:
    """Hatched bar: current; solid bar: proposed, both in the channel's colour; the largest proposal first."""
    order = sorted(plan.optimized_allocation, key=lambda name: plan.optimized_allocation[name], reverse=True)
    height = theme.height_for(len(order), 48, frame=96)
    span = numbers.value_range(*plan.gain_hdi, money_writer(options.currency))
    gain = f"{numbers.money(abs(plan.gain), options.currency)} {'more' if plan.gain >= 0 else 'less'}"
    return ChartView(
        key="budget_split",
        title=_title(plan, options.currency),
        subtitle=f"Spend per channel {horizon(plan.weeks, results.frequency)}, hatched = current, solid = proposed"
        + (", * = outside observed spend" if plan.extrapolated else ""),
        figure=_figure(plan, results, order, options.currency, height),
        takeaway=f"The proposed split most likely brings {gain} than the current one "
        f"(likely range {span}, {LEVEL} range); {chances(plan.probability_better)} that it is better.",
        table=_table(plan, order, options.currency),
        height=height,
    )


def _title(plan: BudgetPlan, currency: str) -> str:
    moved = sum(max(_change(plan, name), 0.0) for name in plan.optimized_allocation)
    total = numbers.money(plan.total_budget, currency)
    if moved < 0.005 * plan.total_budget:
        return f"The current split of {total} is already close to the best"
    return f"Move {numbers.money(moved, currency)} of {total} between channels"


def _figure(plan: BudgetPlan, results: ModelResults, order: list[str], currency: str, height: int) -> go.Figure:
    figure = marks.new_figure(height)
    styles = theme.channel_styles(results)
    colours = [styles.get(name, theme.OTHER_STYLE) for name in order]
    _bars(figure, [plan.current_allocation[name] for name in order], colours, "current", order, currency)
    _bars(figure, [plan.optimized_allocation[name] for name in order], colours, "proposed", order, currency)
    for row, name in enumerate(order):
        longest = max(plan.optimized_allocation[name], plan.current_allocation[name])
        marks.end_label(figure, row, longest, _change_text(plan, name, currency))
    category_axis(figure, [short(name) for name in order])
    most = max([*plan.optimized_allocation.values(), *plan.current_allocation.values()])
    figure.update_xaxes(value_axis(0, 1.4 * most, money_ticks(currency)))
    figure.update_layout(barmode="group", bargap=0.35, bargroupgap=0.08)
    return figure


def _bars(
    figure: go.Figure, values: list[float], styles: list[ChannelStyle], name: str, order: list[str], currency: str
) -> None:
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
            hover(channel, f"{name} {numbers.full_money(value, currency)}")
            for channel, value in zip(order, values, strict=True)
        ],
        hoverinfo="text",
    )


def _change(plan: BudgetPlan, name: str) -> float:
    return plan.optimized_allocation[name] - plan.current_allocation[name]


def _change_text(plan: BudgetPlan, name: str, currency: str) -> str:
    """The change with its sign, and a star where the proposal lies outside observed spend."""
    text = numbers.signed_money(_change(plan, name), currency)
    return f"{text} *" if name in plan.extrapolated else text


def _table(plan: BudgetPlan, order: list[str], currency: str) -> ChartTable:
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
        currency=currency,
    )
