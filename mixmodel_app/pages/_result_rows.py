"""Rows of the results' tables: every value already a text, the same in each view."""

from dataclasses import dataclass

from mixmodel_app.domain.results import Estimate, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.uncertainty import break_even_phrase


@dataclass
class CheckRow:
    """One check of the model's health."""

    title: str
    status: str
    evidence: str


@dataclass
class ChannelRow:
    """One channel in the manager's table. `learned_from` and `evidence` are "" where it is not known."""

    name: str
    spend: str
    contribution: str
    returned: str
    range: str
    next_one: str
    next_range: str
    verdict: str
    learned_from: str
    evidence: str


@dataclass
class ParameterRow:
    """One parameter in the analyst's table."""

    name: str
    mean: str
    std: str
    range: str
    rhat: str
    ess_bulk: str
    ess_tail: str


def check_rows(found: ModelResults) -> list[CheckRow]:
    """The named checks of the model's health."""
    return [CheckRow(check.title, check.status.value, check.evidence) for check in found.health]


def return_texts(estimate: Estimate | None) -> tuple[str, str]:
    """A return and its range as texts."""
    if estimate is None:
        return numbers.NOT_ESTIMATED, numbers.MISSING
    return numbers.roas(estimate.median), numbers.value_range(estimate.lo, estimate.hi, numbers.roas)


def channel_rows(found: ModelResults) -> list[ChannelRow]:
    """The manager's table, in the order of the file."""
    rows: list[ChannelRow] = []
    for channel in found.channels:
        returned, spread = return_texts(channel.roas)
        next_one, next_spread = return_texts(channel.marginal_roas)
        rows.append(
            ChannelRow(
                name=channel.name,
                spend=numbers.full_money(channel.spend),
                contribution=numbers.full_money(channel.contribution.median),
                returned=returned,
                range=spread,
                next_one=next_one,
                next_range=next_spread,
                verdict=break_even_phrase(channel.roas) if channel.roas else numbers.NOT_ESTIMATED,
                learned_from=channel.learning.learned_from.value if channel.learning else "",
                evidence=channel.learning.evidence if channel.learning else "",
            )
        )
    return rows


def parameter_rows(found: ModelResults) -> list[ParameterRow]:
    """The analyst's table: the posterior of every parameter with its diagnostics."""
    return [
        ParameterRow(
            name=parameter.name,
            mean=numbers.plain(parameter.mean),
            std=numbers.plain(parameter.std),
            range=numbers.value_range(parameter.hdi_3, parameter.hdi_97, numbers.plain),
            rhat=numbers.rhat(parameter.rhat),
            ess_bulk=numbers.count(parameter.ess_bulk),
            ess_tail=numbers.count(parameter.ess_tail),
        )
        for parameter in found.parameters
    ]


def run_facts(found: ModelResults, config: dict[str, object]) -> list[list[str]]:
    """What determines the run, for whoever wants to repeat it."""
    versions = ", ".join(f"{name} {version}" for name, version in found.engine_versions.items())
    facts = [
        ("R²", numbers.percent(found.fit.r2)),
        ("MAPE", numbers.percent(found.fit.mape)),
        ("Divergences", numbers.count(found.divergences)),
        ("Draws", f"{found.n_chains} chains, {numbers.count(found.n_draws)} draws in all"),
        ("Time of the fit", f"{found.fit_seconds:.1f} s"),
        ("Engine", f"{found.engine} ({versions})"),
        ("Data digest", found.data_digest),
    ]
    facts += [(key, str(value)) for key, value in config.items()]
    return [list(fact) for fact in facts]
