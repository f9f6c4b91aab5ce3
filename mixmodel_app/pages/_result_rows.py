"""Rows of the results' tables: every value already a text, the same in each view."""

from dataclasses import dataclass

from mixmodel_app.domain.results import ModelResults
from mixmodel_app.exports.report import channel_lines
from mixmodel_app.wording import numbers


@dataclass
class NumberRow:
    """One of the numbers at a glance."""

    label: str
    text: str
    range_text: str
    note: str


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


def channel_rows(found: ModelResults, needed: float | None) -> list[ChannelRow]:
    """The manager's table: the lines of the reports; `needed` is the return at which a channel pays back."""
    return [
        ChannelRow(
            name=line.name,
            spend=line.spend,
            contribution=line.contribution,
            returned=line.returned,
            range=line.returned_range,
            next_one=line.next_one,
            next_range=line.next_range,
            verdict=line.verdict,
            learned_from=channel.learning.learned_from.value if channel.learning else "",
            evidence=line.evidence,
        )
        for line, channel in zip(channel_lines(found, needed), found.channels, strict=True)
    ]


def parameter_rows(found: ModelResults) -> list[ParameterRow]:
    """The analyst's table: the posterior of every parameter with its diagnostics."""
    return [
        ParameterRow(
            name=parameter.name,
            mean=numbers.plain(parameter.mean),
            std=numbers.plain(parameter.std),
            range=numbers.value_range(parameter.lo, parameter.hi, numbers.plain),
            rhat=numbers.rhat(parameter.rhat),
            ess_bulk=numbers.count(parameter.ess_bulk),
            ess_tail=numbers.count(parameter.ess_tail),
        )
        for parameter in found.parameters
    ]


def run_facts(found: ModelResults) -> list[list[str]]:
    """How the fit went, and what it was made with."""
    versions = ", ".join(f"{name} {version}" for name, version in found.engine_versions.items())
    facts = [
        ("R²", numbers.percent(found.fit.r2)),
        ("MAPE", numbers.percent(found.fit.mape)),
        ("Divergences", numbers.count(found.divergences)),
        ("Draws", f"{found.n_chains} chains, {numbers.count(found.n_draws)} draws in all"),
        ("Time of the fit", f"{numbers.decimal(found.fit_seconds, 1)} s"),
        ("Engine", f"{found.engine} ({versions})"),
        ("Data digest", found.data_digest),
    ]
    return [list(fact) for fact in facts]
