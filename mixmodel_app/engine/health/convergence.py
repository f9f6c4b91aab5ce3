"""Whether the sampler can be believed."""

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.results import HealthCheck, Parameter
from mixmodel_app.engine.audit import e_bfmi
from mixmodel_app.engine.convergence import DIVERGENT_LIMIT, ESS_GOOD, ESS_LIMIT, RHAT_GOOD, RHAT_LIMIT
from mixmodel_app.engine.health.fitted import BAD, CHECK, GOOD, finding, grade
from mixmodel_app.engine.types import SamplerReport
from mixmodel_app.wording import numbers
from mixmodel_app.wording.parameters import in_words

ENERGY_LIMIT = 0.3


def check_convergence(parameters: list[Parameter]) -> HealthCheck:
    """R-hat, the spread of all chains together ÷ that of one: good below 1.01, unusable above 1.05.

    Chains that started apart and did not meet have not found one answer (Vehtari et al. 2021).
    """
    worst = max(parameters, key=lambda p: p.rhat)
    status = grade(worst.rhat < RHAT_GOOD, worst.rhat <= RHAT_LIMIT)
    words = {
        GOOD: "The chains agree",
        CHECK: "The chains agree, but not closely",
        BAD: "The chains found different answers",
    }
    value = numbers.rhat(worst.rhat)
    evidence = f"{words[status]}: the largest R-hat is {value}, of {in_words(worst.name)} (good below {RHAT_GOOD})."
    if status is BAD:
        evidence += " Fit again with more tuning steps or fewer channels."
    return finding("convergence", status, evidence)


def check_effective_draws(parameters: list[Parameter]) -> HealthCheck:
    """Effective sample size, bulk and tail: good from 400, unusable below 100 (Vehtari et al. 2021).

    Draws that resemble their neighbours say less than as many independent ones.
    """
    worst = min(parameters, key=_smaller_ess)
    least = _smaller_ess(worst)
    status = grade(least >= ESS_GOOD, least >= ESS_LIMIT)
    count = numbers.count(least)
    evidence = f"The fewest effective draws are {count}, of {in_words(worst.name)} (good from {ESS_GOOD})."
    if status is not GOOD:
        evidence += " Ranges are rougher than they look; a fit with more draws makes them firm."
    return finding("effective_draws", status, evidence)


def check_divergences(sampler: SamplerReport) -> HealthCheck:
    """Divergent transitions: none is good, above 1 % is unusable (Betancourt 2018).

    A step that diverges met a corner of the posterior that the sampler cannot enter; the draws lack it.
    """
    share = sampler.divergences / sampler.transitions
    status = grade(share == 0, share <= DIVERGENT_LIMIT)
    count = (
        f"{numbers.count(sampler.divergences)} of {numbers.count(sampler.transitions)} steps of the sampler diverged"
    )
    count += f" ({numbers.percent(share)})"
    evidence = {
        GOOD: f"None of {numbers.count(sampler.transitions)} steps of the sampler diverged.",
        CHECK: f"{count}: small parts of the answer may be missing.",
        BAD: f"{count}: parts of the answer are missing. Fit again with a higher target acceptance.",
    }[status]
    return finding("divergences", status, evidence)


def check_energy(energy: Array) -> HealthCheck:
    """E-BFMI of each chain, energy (chain, draw): good from 0.3.

    The mean squared change of the energy ÷ its variance. Where it is small, the sampler creeps through the range of
    energies and has not seen the tails (Betancourt 2016, "Diagnosing suboptimal cotangent disintegrations").
    """
    least = float(e_bfmi(energy).min())
    status = GOOD if least >= ENERGY_LIMIT else CHECK
    evidence = f"The smallest E-BFMI of the chains is {numbers.plain(round(least, 2))} (good from {ENERGY_LIMIT})."
    if status is CHECK:
        evidence += " The tails of the ranges are not well explored: fit again with more tuning steps."
    return finding("energy", status, evidence)


def _smaller_ess(parameter: Parameter) -> float:
    return min(parameter.ess_bulk, parameter.ess_tail)
