"""Putting a finished fit together: summaries, parameters and health become `EngineResults`."""

from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.period import Span
from mixmodel_app.domain.results import RESULTS_VERSION, ModelResults
from mixmodel_app.engine.audit import audit
from mixmodel_app.engine.channel_summary import blended_roas, channel_results
from mixmodel_app.engine.diagnostics import parameter_table
from mixmodel_app.engine.headroom import with_headroom
from mixmodel_app.engine.health import health_checks
from mixmodel_app.engine.learning import learning
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.summarise import Reporter, response_draws, summarise
from mixmodel_app.engine.types import EngineResults, SamplerReport


def assemble(
    posterior: Posterior,
    sampler: SamplerReport,
    *,
    engine: str,
    versions: dict[str, str],
    report: Reporter = lambda fraction: None,
) -> EngineResults:
    """Reduce a posterior to what is kept of it.

    Args:
        report: told the fraction that is done, from 0 to 1.
    """
    data, draws = posterior.spec.data, posterior.model_draws()
    summary = summarise(draws, data, report)
    channels = channel_results(summary, draws, data, learning(posterior, summary))
    blended = blended_roas(summary, data)
    table = parameter_table(posterior.parameters, posterior.mixing)
    results = ModelResults(
        version=RESULTS_VERSION,
        engine=engine,
        engine_versions=versions,
        data_digest=data.digest,
        target=data.mapping.target_column,
        frequency=data.frequency.value,
        n_periods=data.n_periods,
        date_start=data.date_texts[0],
        date_end=data.date_texts[-1],
        total_spend=float(data.spend.sum()),
        total_target=float(data.target.sum()),
        blended_roas=blended,
        channels=channels,
        decomposition=summary.decomposition,
        fit=summary.fit,
        parameters=table,
        divergences=sampler.divergences,
        n_draws=draws.n_draws,
        n_chains=sampler.n_chains,
        health=health_checks(posterior, table, sampler, summary, channels, blended),
        fit_seconds=sampler.seconds,
        incomplete=sampler.incomplete,
        audit=audit(posterior, sampler),
        outcome=data.mapping.target_kind,
    )
    response = response_draws(draws, data)
    if data.mapping.target_kind is OutcomeKind.MONEY:  # the next 1 of money need not bring a whole order
        results = with_headroom(results, response, Span.whole(data.n_periods))
    return EngineResults(results, response)
