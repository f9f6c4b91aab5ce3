"""The glossary: one word per thing, with the sentence that explains it in a tooltip."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A word on screen and what it means, in one sentence."""

    label: str
    explanation: str


TERMS: dict[str, Term] = {
    "target": Term("Outcome", "What you want more of, such as revenue or orders."),
    "channel": Term("Channel spend", "The money, impressions or clicks of one marketing channel, period by period."),
    "control": Term("Other drivers (controls)", "What moves the outcome besides media, such as price or weather."),
    "adstock": Term("Carryover", "The part of an effect that arrives after the spend."),
    "half_life": Term("Half-life", "The time by which half of a channel's effect has arrived."),
    "saturation": Term("Diminishing returns", "Each further unit of spend brings less than the one before."),
    "contribution": Term("Contribution", "The part of the outcome that a channel caused, carryover included."),
    "decomposition": Term("What drove the outcome", "The outcome split into baseline, channels and other drivers."),
    "baseline": Term("Baseline", "What you would sell with no marketing: level, trend and season."),
    "unexplained": Term("Unexplained", "The difference between what happened and what the model fitted."),
    "roas": Term("Return per 1 spent", "Contribution with carryover divided by spend (ROAS); above 1 it pays back."),
    "marginal_roas": Term("Return on the next 1", "What one more unit of money would bring at today's spend (mROAS)."),
    "saturation_curve": Term("Spend and return", "What a channel brings in at each level of spend per period."),
    "share_of_spend": Term("Share of spend", "A channel's part of all media spend."),
    "share_of_effect": Term("Share of effect", "A channel's part of everything that media brought in."),
    "break_even": Term("Break-even", "Where a channel returns exactly what was spent on it."),
    "flighting": Term("Timing of spend", "How a budget is spread over the periods."),
    "likely_range": Term(
        "Likely range", "Holds the true value with the probability named beside it, given model and data."
    ),
    "hdi": Term("HDI", "Highest-density interval: the shortest range that holds so much of the posterior."),
    "rhat": Term("R-hat", "Whether the chains agree; below 1.01 is good, up to 1.05 needs a look."),
    "ess": Term("Effective sample size", "How many independent draws the chains are worth; 400 or more is good."),
    "divergences": Term("Divergences", "Steps at which the sampler lost its way; 0 is good, over 1 % is unusable."),
    "residual": Term("Residual", "Actual minus predicted in one period."),
    "autocorrelation": Term("Autocorrelation", "How much a miss in one period repeats in later ones; 0 is best."),
    "model_health": Term("Model health", "Good, Check or Do not use: the worst of the named checks."),
    "lift_test": Term("Experiment result", "A measured effect from a test, used to calibrate the model."),
    "learned_from": Term(
        "Learned from the data", "Whether a channel's own data made its return, or mostly assumption."
    ),
    "prior": Term("Prior", "What is thought about a parameter before the data have spoken."),
    "posterior": Term("Posterior", "What is known about a parameter once the data have spoken."),
    "extrapolated": Term("Outside observed spend", "Beyond the spend the data have seen: the model is guessing."),
}


def label(key: str) -> str:
    """The word on screen for a key of the glossary; `KeyError` for one that is not in it."""
    return TERMS[key].label


def explanation(key: str) -> str:
    """The one sentence behind the word."""
    return TERMS[key].explanation


def outcome_name(target: str) -> str:
    """The target column as a word in a sentence: "total_revenue" becomes "total revenue"."""
    words = " ".join(target.replace("_", " ").replace("-", " ").split())
    return (words if words.isupper() else words.lower()) or "outcome"
