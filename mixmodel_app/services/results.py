"""The results of a finished run and their three views (API.md "Runs")."""

from dataclasses import asdict
from enum import StrEnum
from typing import Any
from uuid import UUID

from mixmodel_app.charts.base import ChartOptions, all_charts
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.budget import BudgetPlan, BudgetRequest
from mixmodel_app.domain.curves import ResponseDraws
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.errors import Conflict, Infeasible, NotFound
from mixmodel_app.domain.results import Band, Estimate, ModelResults
from mixmodel_app.exports.tables import table_csv
from mixmodel_app.planning.optimise import optimise
from mixmodel_app.storage import cache
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.models import ModelRun
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import runs as repository
from mixmodel_app.wording import insights
from mixmodel_app.wording.recommendations import recommendations as recommend


class View(StrEnum):
    EXECUTIVE = "executive"
    MANAGER = "manager"
    ANALYST = "analyst"


def get(principal: Principal, run_id: UUID) -> ModelResults:
    """The results, from the cache when they are there; the right to see them is checked first.

    Raises:
        NotFound: no such run in the principal's workspace.
        Conflict: the run has no results: it is not completed, nor was it cut short with something to show.
    """
    run = _completed(principal, run_id)
    key = cache.results_key(run_id)
    raw = cache.read(key)
    if raw is None:
        raw = _stored(principal, run_id)
        cache.write(key, raw, cache.RESULTS_SECONDS)
    assert run.workspace_id == principal.workspace_id
    return ModelResults.from_json(raw)


def draws(principal: Principal, run_id: UUID) -> ResponseDraws:
    """The joint draws of the response curves of a completed run."""
    run = _completed(principal, run_id)
    if run.draws_key is None:
        raise NotFound("This run has no draws to plan with.", hint="Run the model again.")
    return ResponseDraws.from_bytes(objects().get(run.draws_key))


def views(principal: Principal, run_id: UUID, view: View | None = None) -> dict[str, Any]:
    """One view, or all three by name, with the keys of the contract."""
    found = get(principal, run_id)
    if view is not None:
        return _view(principal, run_id, found, view)
    return {
        "run_id": str(run_id),
        "hdi_prob": 0.94,
        "incomplete": found.incomplete,
        **{each.value: _view(principal, run_id, found, each) for each in View},
    }


def recommendations(principal: Principal, run_id: UUID) -> list[str]:
    """What to do next, as sentences; none when the model's health says not to use it or the fit was cut short."""
    found = get(principal, run_id)
    if found.incomplete:
        return []
    return [item.sentence for item in recommend(found, suggested_plan(principal, run_id, found))]


def chart_csv(principal: Principal, run_id: UUID, key: str) -> bytes:
    """The data table of one chart as CSV.

    Raises:
        NotFound: there is no chart of this name.
    """
    found = _exportable(get(principal, run_id))
    chart = next((chart for chart in all_charts() if chart.key == key), None)
    if chart is None:
        raise NotFound(f"There is no chart {key!r}.")
    return table_csv(chart.build(found, ChartOptions()))


def plannable(principal: Principal, run_id: UUID) -> ModelResults:
    """The results, if budgets may be planned with them; `Conflict` as `get`, and for a fit that was cut short."""
    return _exportable(get(principal, run_id))


def suggested_plan(principal: Principal, run_id: UUID, found: ModelResults) -> BudgetPlan | None:
    """Last year's budget with every channel between half and one and a half of its spend: a move one could make."""
    response = draws(principal, run_id)
    frequency = Frequency(found.frequency)
    weeks = min(frequency.periods_per_year, len(response.spend))
    current = dict(zip(response.channels, response.spend[-weeks:].sum(axis=0).tolist(), strict=True))
    total = sum(current.values())
    if total <= 0:
        return None
    request = BudgetRequest(
        total_budget=total,
        min_per_channel={name: 0.5 * money for name, money in current.items()},
        max_per_channel={name: 1.5 * money for name, money in current.items()},
        weeks=weeks,
    )
    try:
        return optimise(response, request, frequency)
    except Infeasible:
        return None


def _completed(principal: Principal, run_id: UUID) -> ModelRun:
    with transaction() as session:
        run = repository.head(session, principal, run_id)
    if not run.is_readable:
        raise Conflict(f"The run is {run.status}; results exist once it is completed.")
    return run


def _exportable(found: ModelResults) -> ModelResults:
    """Raises `Conflict` for results that were cut short: they are for looking at."""
    if found.incomplete:
        raise Conflict(
            "The time limit cut this run short; its figures cannot be exported or planned with.",
            hint="Run it again with fewer draws or channels.",
        )
    return found


def _stored(principal: Principal, run_id: UUID) -> dict[str, Any]:
    with transaction() as session:
        run = repository.get(session, principal, run_id)
    if run.results is None:
        raise NotFound("This run has no stored results.", hint="Run the model again.")
    return run.results


def _view(principal: Principal, run_id: UUID, found: ModelResults, view: View) -> dict[str, Any]:
    if view is View.EXECUTIVE:
        return _executive(found, recommendations(principal, run_id))
    return _manager(found) if view is View.MANAGER else _analyst(found)


def _executive(found: ModelResults, sentences: list[str]) -> dict[str, Any]:
    parts = found.decomposition.breakdown()
    return {
        "headline": insights.headline(found),
        "total_spend": found.total_spend,
        "total_revenue": found.total_target,
        "blended_roas": found.blended_roas.median if found.blended_roas else None,
        "blended_roas_hdi": _hdi(found.blended_roas),
        "revenue_breakdown": {name: _without_dust(value, parts.total) for name, value in asdict(parts).items()},
        "recommendations": sentences,
        "model_health": {
            "status": found.verdict.value,
            "label": found.verdict.label,
            "checks": [asdict(check) for check in found.health],
        },
    }


def _manager(found: ModelResults) -> dict[str, Any]:
    channels = found.channels
    return {
        "channel_roas": {c.name: c.roas.median if c.roas else None for c in channels},
        "channel_roas_hdi": {c.name: _hdi(c.roas) for c in channels},
        "marginal_roas": {c.name: c.marginal_roas.median if c.marginal_roas else None for c in channels},
        "marginal_roas_hdi": {c.name: _hdi(c.marginal_roas) for c in channels},
        "learned_from": {c.name: c.learning.learned_from.value if c.learning else None for c in channels},
        "learning": {c.name: c.learning.evidence for c in channels if c.learning},
        "spend": {c.name: c.spend for c in channels},
        "contributions": {c.name: c.contribution.mean for c in channels},
        "contributions_hdi": {c.name: _hdi(c.contribution) for c in channels},
        "contributions_over_time": {"dates": found.fit.dates, **asdict(found.decomposition)},
        "saturation_curves": {
            c.name: {
                "spend_range": c.saturation.spend,
                "response": c.saturation.response.median,
                **_band(c.saturation.response),
                "current_spend": c.saturation.current,
                "observed_max": c.saturation.observed_max,
            }
            for c in channels
            if c.saturation is not None
        },
        "adstock_curves": {
            c.name: {"weeks": c.adstock.lag, "effect": c.adstock.effect.median, **_band(c.adstock.effect)}
            for c in channels
        },
        "waterfall": _waterfall(found),
    }


def _analyst(found: ModelResults) -> dict[str, Any]:
    fit = found.fit
    return {
        "posteriors": {
            p.name: {"mean": p.mean, "std": p.std, "hdi_3%": p.hdi_3, "hdi_97%": p.hdi_97, "samples": p.samples}
            for p in found.parameters
        },
        "diagnostics": {
            p.name: {"rhat": p.rhat, "ess_bulk": p.ess_bulk, "ess_tail": p.ess_tail} for p in found.parameters
        },
        "divergences": found.divergences,
        "fit": {
            "dates": fit.dates,
            "actual": fit.actual,
            "predicted": fit.mean,
            **_band(fit.predicted),
        },
        "residuals": fit.residuals,
        "r2": fit.r2,
        "mape": fit.mape,
        "n_draws": found.n_draws,
        "n_chains": found.n_chains,
        "engine": found.engine,
        "engine_versions": found.engine_versions,
        "data_digest": found.data_digest,
    }


def _waterfall(found: ModelResults) -> list[dict[str, Any]]:
    """Steps that add up to the observed total: baseline, channels, controls, what the model leaves unexplained."""
    parts = found.decomposition
    baseline = sum(parts.intercept) + sum(parts.trend)
    steps = [("Baseline", "baseline", baseline), ("Seasonality", "seasonality", sum(parts.seasonality))]
    steps += [(name, "channel", sum(series)) for name, series in parts.channels.items()]
    steps += [(name, "control", sum(series)) for name, series in parts.controls.items()]
    steps += [("Unexplained", "unexplained", sum(parts.unexplained)), ("Total", "total", found.total_target)]
    return [{"label": label, "kind": kind, "value": value} for label, kind, value in steps]


def _without_dust(part: float, total: float) -> float:
    """A part that is nothing but rounding of a sum that cancels out is nothing."""
    return part if abs(part) > 1e-12 * abs(total) else 0.0


def _hdi(estimate: Estimate | None) -> list[float] | None:
    return [estimate.lo, estimate.hi] if estimate else None


def _band(band: Band) -> dict[str, list[float]]:
    return {"hdi_lower": band.lo, "hdi_upper": band.hi}
