"""The results of a finished run and their three views (API.md "Runs")."""

import json
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from mixmodel_app import __version__
from mixmodel_app.charts.base import ChartOptions, all_charts
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.budget import BudgetPlan
from mixmodel_app.domain.curves import ResponseDraws
from mixmodel_app.domain.dataset import Frequency, OutcomeKind
from mixmodel_app.domain.errors import Conflict, NotFound
from mixmodel_app.domain.headline import Headline
from mixmodel_app.domain.period import PeriodChoice, Span
from mixmodel_app.domain.results import HDI_PROB, Band, Estimate, HealthStatus, ModelResults
from mixmodel_app.engine.headroom import with_headroom
from mixmodel_app.engine.period import knows_media, over_period, with_payback, without_payback
from mixmodel_app.exports.tables import table_csv
from mixmodel_app.services import stored_results
from mixmodel_app.services.suggestions import suggested_plan
from mixmodel_app.storage import cache
from mixmodel_app.storage.repositories.runs import ResultsHead
from mixmodel_app.wording import insights, numbers
from mixmodel_app.wording.recommendations import Recommendation
from mixmodel_app.wording.recommendations import recommendations as recommend
from mixmodel_app.wording.stored import as_read
from mixmodel_app.wording.uncertainty import BREAK_EVEN


class View(StrEnum):
    EXECUTIVE = "executive"
    MANAGER = "manager"
    ANALYST = "analyst"


@dataclass(frozen=True, slots=True)
class Lens:
    """What a reader looks at: some periods of the data (`engine.period` defines what belongs to them).

    Attributes:
        target: the marginal return to which every channel's headroom is computed; None leaves it as it is stored.
        needed: the return at which a channel pays back; None where that is not known.
        level: of the ranges.
    """

    period: PeriodChoice = field(default_factory=PeriodChoice)
    target: float | None = None
    needed: float | None = BREAK_EVEN
    level: float = HDI_PROB


@dataclass(frozen=True, slots=True)
class Reading:
    """A period, and the economics of the reader.

    Attributes:
        margin: share of the outcome that is left after the cost of what was sold, in (0, 1]; where it is money.
        worth: money that one of the outcome is worth, where it is a count; None when nobody said.
        target: the return on the next 1 that headroom goes to; break-even when None.
        level: of the ranges; that of the workspace unless told.
    """

    period: PeriodChoice = field(default_factory=PeriodChoice)
    margin: float = 1.0
    worth: float | None = None
    target: float | None = None
    level: float = field(default_factory=numbers.level)

    def lens(self, outcome: OutcomeKind, *, rooms: bool = True) -> Lens:
        """What of it changes numbers; `rooms` says whether headroom is looked at, which takes a while."""
        needed = self._options(outcome).break_even
        return Lens(self.period, (self.target or needed) if rooms else None, needed, self.level)

    def options(self, found: ModelResults, whole: ModelResults) -> ChartOptions:
        """How charts show the results of the lens beside those of all data."""
        return replace(self._options(found.outcome), is_part=found.n_periods < whole.n_periods)

    def _options(self, outcome: OutcomeKind) -> ChartOptions:
        return ChartOptions(worth=self.margin if outcome is OutcomeKind.MONEY else self.worth)


def get(principal: Principal, run_id: UUID, lens: Lens | None = None) -> ModelResults:
    """The results, through `lens` if there is one; the right to see them is checked first.

    Without a lens they are as they are stored; with one their sentences are written as the reader wants numbers.
    Headroom stays unknown where the draws of an older run cannot tell it.

    Raises:
        NotFound: no such run in the principal's workspace.
        Conflict: the run has no results: it is not completed, nor was it cut short with something to show; or it was
            fitted by an older version whose draws do not know single periods.
        InvalidInput: there are no data in the period.
    """
    run = stored_results.head(principal, run_id)
    found = stored_results.whole(principal, run)
    return found if lens is None else _through(run, found, lens)


def _through(run: ResultsHead, whole: ModelResults, lens: Lens) -> ModelResults:
    """What a lens shows of all data."""
    return as_read(_seen(run, whole, lens).at(lens.level))


def _seen(run: ResultsHead, found: ModelResults, lens: Lens) -> ModelResults:
    """The periods, the break-even and the headroom of a lens; the draws are read only where they are needed."""
    span = _span(found, lens.period)
    knows_room = lens.target is None or _knows_room(found, lens.target)
    if span.is_all and knows_room and lens.needed == _stored_break_even(found):
        return found
    response = stored_results.draws(run)
    if not span.is_all or knows_media(response):
        found = with_payback(over_period(found, response, span), response, span, lens.needed)
    else:
        found = without_payback(found)
    if lens.target is None or (knows_room and span.is_all) or not knows_media(response):
        return found
    return with_headroom(found, response, span, lens.target)


def _stored_break_even(found: ModelResults) -> float | None:
    """What the stored probabilities of paying back are about: a count has none."""
    return BREAK_EVEN if found.outcome is OutcomeKind.MONEY else None


def _span(found: ModelResults, period: PeriodChoice) -> Span:
    return period.span(found.fit.dates, Frequency(found.frequency))


def _knows_room(found: ModelResults, target: float) -> bool:
    rooms = [channel.headroom for channel in found.channels if channel.roas]
    return all(room is not None and room.target == target for room in rooms)


def draws(principal: Principal, run_id: UUID) -> ResponseDraws:
    """The joint draws of the response curves of a completed run."""
    return stored_results.draws(stored_results.head(principal, run_id))


def views(
    principal: Principal, run_id: UUID, view: View | None = None, period: PeriodChoice | None = None
) -> dict[str, Any]:
    """One view, or all three by name, with the keys of the contract. `analyst` is about the fit: always all data."""
    return json.loads(views_json(principal, run_id, view, period))


def views_json(principal: Principal, run_id: UUID, view: View | None = None, period: PeriodChoice | None = None) -> str:
    """`views` as JSON text.

    Finished runs never change, so an answer is kept; it depends on how its reader wants numbers to look.
    """
    run = stored_results.head(principal, run_id)
    key, asked = cache.results_key(run_id), f"{view} {period} {numbers.look()} {__version__}"
    found = cache.read_part(key, asked)
    if found is None:
        shown = _seen_views(principal, run, view, period or PeriodChoice())
        found = json.dumps(shown, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        cache.write_part(key, asked, found, cache.RESULTS_SECONDS)
    return found


def _seen_views(principal: Principal, run: ResultsHead, view: View | None, period: PeriodChoice) -> dict[str, Any]:
    whole = stored_results.whole(principal, run)
    lens = Lens(period, needed=_stored_break_even(whole))
    if view is View.ANALYST and _span(whole, period).is_all:
        return _analyst(whole)
    with numbers.looking(outcome=whole.outcome, target=whole.target):
        found = _through(run, whole, lens)
        moves = _recommended(run, whole, found, lens) if view in (None, View.EXECUTIVE) else []
        sentences = [move.sentence for move in moves]
        shown = {each: _view(whole, found, each, sentences) for each in ([view] if view else View)}
    if view is not None:
        return shown[view]
    return {
        "run_id": str(run.id),
        "hdi_prob": found.level,
        "outcome": found.outcome.value,
        "incomplete": found.incomplete,
        "period": {"from": found.date_start, "to": found.date_end, "n_periods": found.n_periods},
        **{each.value: content for each, content in shown.items()},
    }


def recommendations(principal: Principal, run_id: UUID, lens: Lens | None = None) -> list[Recommendation]:
    """What to do next; nothing when the model's health says not to use it or the fit was cut short.

    With a period in `lens` it starts from the spend of the period, as if that had just ended. Without a lens it is of
    all data, as the workspace wants its numbers.
    """
    return recommended(principal, stored_results.head(principal, run_id), lens)


def recommended(principal: Principal, run: ResultsHead, lens: Lens | None = None) -> list[Recommendation]:
    """`recommendations` of a run whose head the principal has got."""
    whole = stored_results.whole(principal, run)
    lens = lens or Reading().lens(whole.outcome, rooms=False)
    return _recommended(run, whole, _through(run, whole, lens), lens)


def _recommended(run: ResultsHead, whole: ModelResults, found: ModelResults, lens: Lens) -> list[Recommendation]:
    """Of `found`, which is what the lens shows of all data."""
    if found.incomplete or found.verdict is HealthStatus.DO_NOT_USE:
        return []
    span = _span(whole, lens.period)
    plan = _suggested_plan(run, found, None if span.is_all else span)
    with numbers.looking(outcome=found.outcome, target=found.target):
        return recommend(found, plan, lens.needed)


def _suggested_plan(run: ResultsHead, found: ModelResults, span: Span | None) -> BudgetPlan | None:
    """The plan of all data is kept since the fit; that of a period is looked for."""
    if span is None and run.headline is not None:
        kept = Headline.from_json(run.headline)
        if kept.knows_plan(__version__, found.level):
            return kept.plan(found.level)
    return suggested_plan(stored_results.draws(run), Frequency(found.frequency), found.level, span)


def read(principal: Principal, run_id: UUID, reading: Reading) -> tuple[ModelResults, ChartOptions]:
    """Results to take away and how to draw them; raises as `plannable` and `get`."""
    whole = plannable(principal, run_id)
    found = get(principal, run_id, reading.lens(whole.outcome))
    return found, reading.options(found, whole)


def chart_csv(principal: Principal, run_id: UUID, key: str, reading: Reading) -> bytes:
    """The data table of one chart as CSV, of all data or of some periods.

    Raises:
        NotFound: there is no chart of this name.
        InvalidInput: there are no data in the period.
    """
    found, options = read(principal, run_id, reading)
    chart = next((chart for chart in all_charts() if chart.key == key), None)
    if chart is None:
        raise NotFound(f"There is no chart {key!r}.")
    with numbers.looking(outcome=found.outcome, target=found.target):
        return table_csv(chart.build(found, options))


def plannable(principal: Principal, run_id: UUID) -> ModelResults:
    """The results, if budgets may be planned with them; `Conflict` as `get`, and for a fit that was cut short."""
    return _exportable(get(principal, run_id))


def _exportable(found: ModelResults) -> ModelResults:
    """Raises `Conflict` for results that were cut short: they are for looking at."""
    if found.incomplete:
        raise Conflict(
            "The time limit cut this run short; its figures cannot be exported or planned with.",
            hint="Run it again with fewer draws or channels.",
        )
    return found


def _view(whole: ModelResults, found: ModelResults, view: View, sentences: list[str]) -> dict[str, Any]:
    if view is View.EXECUTIVE:
        return _executive(found, sentences)
    return _manager(found) if view is View.MANAGER else _analyst(whole)


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
            p.name: {"mean": p.mean, "std": p.std, "hdi_3%": p.lo, "hdi_97%": p.hi, "samples": p.samples}
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
