"""That what is drawn, what is tabled and what is said are the results' own numbers."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from mixmodel_app.charts import (
    actual_vs_predicted,
    adstock_curves,
    budget_split,
    contribution_over_time,
    convergence,
    decomposition_donut,
    marginal_roas,
    posteriors,
    residual_autocorrelation,
    residuals,
    roas,
    saturation_curves,
    share_of_spend_vs_effect,
    waterfall,
)
from mixmodel_app.charts.axes import round_step, value_axis
from mixmodel_app.charts.base import ChartOptions, chart
from mixmodel_app.charts.text import short
from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.wording import numbers
from tests.factories import make_plan, make_results, with_learning, without_audit, without_returns

OPTIONS = ChartOptions()


@pytest.fixture(scope="module")
def results():
    return make_results()


def markers(figure):
    return [trace for trace in figure.data if trace.mode == "markers" and trace.x[0] is not None]


def test_roas_draws_and_tables_the_medians_best_first(results):
    view = roas.build(results, OPTIONS)
    drawn = [trace.x[0] for trace in markers(view.figure)]
    assert drawn == sorted((c.roas.median for c in results.channels), reverse=True)
    assert [row[1] for row in view.table.rows] == drawn
    first = results.channel(view.table.rows[0][0])
    assert view.table.rows[0][2:] == (first.roas.lo50, first.roas.hi50, first.roas.lo, first.roas.hi)
    assert view.figure.layout.shapes[0].x0 == 1


def test_roas_title_hedges_until_ranges_part(results):
    assert roas.build(results, OPTIONS).title.startswith("Search most likely returned most: ")
    apart = replace(results.channel("Search").roas, lo=8.0, hi=9.0, median=8.5)
    channels = [replace(c, roas=apart) if c.name == "Search" else c for c in results.channels]
    assert roas.build(replace(results, channels=channels), OPTIONS).title == "Search returned most: 8.50 per 1 spent"


def test_a_channel_without_return_is_in_the_table_as_not_estimated(results):
    view = roas.build(without_returns(results, "TV"), OPTIONS)
    assert view.table.formatted()[-1] == ["TV", "not estimated", "–", "–", "–", "–"]
    assert len(markers(view.figure)) == 5


def test_a_return_that_is_mostly_assumption_is_marked_in_figure_legend_and_table(results):
    view = roas.build(with_learning(without_returns(results, "Print"), "TV"), OPTIONS)
    origins = {row[0]: row[-1] for row in view.table.formatted()}
    assert (origins["TV"], origins["Search"], origins["Print"]) == ("Mostly assumption", "Learned from the data", "–")
    labels = view.figure.layout.yaxis.ticktext
    assert [label for label in labels if label.endswith("*")] == ["TV *"]
    ranges = [trace for trace in view.figure.data if trace.mode == "lines" and trace.x[0] is not None]
    assert {trace.y[0] for trace in ranges if trace.line.dash == "dot"} == {labels.index("TV *")}
    (legend,) = [trace for trace in view.figure.data if trace.showlegend]
    assert legend.name.startswith("* mostly assumption")
    assert "learned from the data" in view.takeaway


def test_without_an_assumption_there_is_no_legend_and_without_learning_no_column(results):
    learned = roas.build(with_learning(results), OPTIONS)
    assert not learned.figure.layout.showlegend
    assert learned.table.header[-1] == "Where it comes from"
    assert roas.build(results, OPTIONS).table.header[-1] == "94 % to"


def test_marginal_roas_reads_the_marginal_estimates(results):
    view = marginal_roas.build(results, OPTIONS)
    assert {row[1] for row in view.table.rows} == {c.marginal_roas.median for c in results.channels}
    assert view.title.endswith("pays back most on the next 1")
    losing = replace(results.channel("TV").marginal_roas, median=0.4)
    channels = [replace(channel, marginal_roas=losing) for channel in results.channels]
    view = marginal_roas.build(replace(results, channels=channels), OPTIONS)
    assert "comes closest to paying back" in view.title


def test_the_donut_sums_to_the_total(results):
    view = decomposition_donut.build(results, OPTIONS)
    assert sum(view.figure.data[0].values) == pytest.approx(results.total_target)
    assert sum(row[1] for row in view.table.rows[:-1]) == pytest.approx(view.table.rows[-1][1])
    assert view.figure.data[0].marker.pattern.shape == ("", "/", "")


def test_a_negative_part_cannot_be_a_slice(results):
    parts = results.decomposition
    negative = replace(parts, controls={"price": [-1000.0] * results.n_periods})
    figure = decomposition_donut.build(replace(results, decomposition=negative), OPTIONS).figure
    assert figure.data[0].type == "bar"
    assert min(figure.data[0].x) < 0
    assert figure.layout.xaxis.range[0] < min(figure.data[0].x)


def test_without_controls_there_are_two_slices(results):
    none = replace(results.decomposition, controls={})
    view = decomposition_donut.build(replace(results, decomposition=none), OPTIONS)
    assert [row[0] for row in view.table.rows] == ["Media", "Baseline", "Total"]
    assert "other drivers" not in view.takeaway


def test_the_stack_adds_up_to_the_fitted_mean(results):
    view = contribution_over_time.build(results, OPTIONS)
    stacked = np.sum([trace.y for trace in view.figure.data], axis=0)
    np.testing.assert_allclose(stacked, results.fit.mean)
    np.testing.assert_allclose([sum(row[1:]) for row in view.table.rows], results.fit.mean)
    assert view.figure.data[0].fillpattern.shape == "/"


def test_more_than_eight_channels_are_grouped_without_losing_any():
    results = make_results(12)
    view = contribution_over_time.build(results, OPTIONS)
    assert view.table.header[-1] == "Other (5)"
    np.testing.assert_allclose([sum(row[1:]) for row in view.table.rows], results.fit.mean)


def test_waterfall_steps_start_where_the_last_one_ended(results):
    steps = waterfall.waterfall_steps(results)
    for before, after in pairwise(steps):
        assert after.start == pytest.approx(before.start + before.amount)
    assert steps[-1].start + steps[-1].amount == pytest.approx(results.total_target)
    assert steps[0].name == "Baseline"
    assert [step.name for step in steps][-2:] == ["Controls", "Unexplained"]
    channels = [step.amount for step in steps[1:-2]]
    assert channels == sorted(channels, reverse=True)


def test_shares_are_drawn_as_tabled(results):
    view = share_of_spend_vs_effect.build(results, OPTIONS)
    drawn = [trace.x[0] for trace in markers(view.figure)]
    assert drawn == [share for row in view.table.rows for share in row[1:]]
    assert sum(row[1] for row in view.table.rows) == pytest.approx(1)
    assert sum(row[2] for row in view.table.rows) == pytest.approx(1)


def test_todays_point_lies_on_the_curve(results):
    curve = results.channel("TV").saturation
    spend, effect = saturation_curves.current_point(curve)
    assert spend == curve.current
    assert effect == pytest.approx(np.interp(curve.current, curve.spend, curve.response.median))
    assert 0 < saturation_curves.used_share(curve) < 1
    assert saturation_curves.used_share(replace(curve, current=curve.observed_max)) == pytest.approx(1)


def test_the_curve_is_dashed_and_shaded_where_data_end(results):
    one = replace(results, channels=results.channels[:1])
    figure = saturation_curves.build(one, OPTIONS).figure
    curve = one.channels[0].saturation
    solid, dashed = (
        next(t for t in figure.data if t.mode == "lines" and t.line.dash == dash) for dash in ("solid", "dash")
    )
    assert max(solid.x) <= curve.observed_max
    assert dashed.x[0] == solid.x[-1]
    assert dashed.x[-1] == curve.spend[-1]
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (curve.observed_max, curve.spend[-1])


def test_a_saturated_channel_is_the_finding(results):
    channel = results.channel("TV")
    full = replace(channel, saturation=replace(channel.saturation, current=channel.saturation.observed_max))
    view = saturation_curves.build(replace(results, channels=[full]), OPTIONS)
    assert view.title == "TV is close to the most it was seen to bring"


def test_carryover_names_the_slowest_channel(results):
    view = adstock_curves.build(results, OPTIONS)
    slowest = max(results.channels, key=lambda channel: channel.adstock.half_life.median)
    assert view.title == f"{slowest.name} works longest"
    bars = [trace for trace in view.figure.data if trace.type == "bar"]
    assert [list(bar.y) for bar in bars] == [c.adstock.effect.median for c in results.channels]


def test_coverage_counts_actuals_inside_the_range(results):
    fit = results.fit
    assert actual_vs_predicted.coverage(replace(fit, actual=fit.predicted.median)) == 1
    assert actual_vs_predicted.coverage(replace(fit, actual=[hi + 1 for hi in fit.predicted.hi])) == 0
    view = actual_vs_predicted.build(results, OPTIONS)
    assert list(view.figure.data[-1].y) == fit.actual
    assert view.title.startswith(numbers.percent(actual_vs_predicted.coverage(fit)))


def test_the_largest_miss_is_named(results):
    worst = int(np.argmax(np.abs(results.fit.residuals)))
    view = residuals.build(results, OPTIONS)
    assert numbers.date_text(results.fit.dates[worst]) in view.title
    assert ("above" if results.fit.residuals[worst] > 0 else "below") in view.takeaway


def test_autocorrelation_of_known_series():
    alternating = [1.0, -1.0] * 50
    assert residual_autocorrelation.autocorrelation(alternating, 2) == pytest.approx([-0.99, 0.98])
    assert residual_autocorrelation.autocorrelation([3.0] * 10, 2) == [0.0, 0.0]


def test_repeating_misses_are_found(results):
    smooth = list(np.sin(np.arange(results.n_periods) / 8))
    view = residual_autocorrelation.build(replace(results, fit=replace(results.fit, residuals=smooth)), OPTIONS)
    assert view.title == "Misses repeat over weeks"
    assert residual_autocorrelation.build(results, OPTIONS).title == "Misses do not repeat"


def test_posteriors_are_grouped_by_parameter(results):
    groups = posteriors.parameter_groups(results.parameters)
    assert list(groups) == ["intercept", "y_sigma", "adstock_alpha", "saturation_lam", "saturation_beta"]
    assert [len(group) for group in groups.values()] == [1, 1, 6, 6, 6]
    view = posteriors.build(results, OPTIONS)
    assert len(view.table.rows) == 20
    assert len([trace for trace in view.figure.data if trace.type == "violin"]) == 40, "prior and posterior of each"
    older = posteriors.build(without_audit(results), OPTIONS)
    assert len([trace for trace in older.figure.data if trace.type == "violin"]) == 20
    assert {row[-3:] for row in older.table.rows} == {(None, None, None)}


def test_convergence_shows_the_worst_and_tables_all():
    results = make_results(health=HealthStatus.DO_NOT_USE)
    view = convergence.build(results, OPTIONS)
    assert view.title == f"{view.table.rows[0][0]} converged worst"
    assert view.table.rows[0][1] == 1.4
    assert len(view.table.rows) == len(results.parameters)
    assert len(view.figure.data[0].x) == 12
    assert view.figure.layout.xaxis.range[1] > 1.4
    assert convergence.build(make_results(), OPTIONS).title == "All parameters converged"


def test_one_chain_has_no_rhat(results):
    unknown = [replace(parameter, rhat=float("nan")) for parameter in results.parameters]
    view = convergence.build(replace(results, parameters=unknown, n_chains=1), OPTIONS)
    assert view.title == "One chain cannot show convergence"
    assert view.table.formatted()[0][1] == "–"


def test_the_split_shows_current_and_proposed(results):
    plan = make_plan(results)
    view = budget_split.build(plan, results, OPTIONS)
    current, proposed = view.figure.data
    order = [row[0] for row in view.table.rows]
    assert list(current.x) == [plan.current_allocation[name] for name in order]
    assert list(proposed.x) == [plan.optimized_allocation[name] for name in order]
    assert sum(row[3] for row in view.table.rows) == pytest.approx(0, abs=1e-6 * plan.total_budget)
    assert numbers.money(plan.gain) in view.takeaway
    assert "8 in 10" in view.takeaway


def test_an_unchanged_split_says_so(results):
    view = budget_split.build(make_plan(results, shift=0.0), results, OPTIONS)
    assert "already close to the best" in view.title
    assert view.takeaway == "The best split found moves only 0."


def test_one_channel_is_not_the_most_of_anything():
    results = make_results(1)
    for module in (roas, marginal_roas, contribution_over_time, saturation_curves, adstock_curves):
        view = module.build(results, OPTIONS)
        assert not {"most", "longest", "least"} & set(view.title.split()), view.title


def test_labels_keep_both_ends():
    assert short("Search") == "Search"
    assert short("Facebook prospecting video") == "Facebook…g video"
    assert len(short("x" * 40)) == 16
    assert short("a<b") == "a&lt;b"


@pytest.mark.parametrize(
    ("least", "step"), [(0.7, 1), (1, 1), (1.1, 2), (3, 5), (6, 10), (23_000, 50_000), (0.02, 0.02)]
)
def test_ticks_are_round(least, step):
    assert round_step(least) == pytest.approx(step)


def test_ticks_are_written_like_all_money():
    axis = value_axis(-25_000, 41_000, numbers.money)
    assert axis["ticktext"] == ["−20k", "0", "20k", "40k"]
    assert value_axis(3, 3, numbers.plain)["range"] == [3, 4]


def test_a_chart_cannot_name_an_unknown_view():
    with pytest.raises(ValueError, match="unknown views: boss"):
        chart("anything", views=("boss",), order=1)
