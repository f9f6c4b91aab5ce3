"""How doubt is worded: point and range, chances, and what may be said about break-even."""

from collections.abc import Callable

from mixmodel_app.domain.results import HDI_PROB, Estimate, Learning
from mixmodel_app.wording import numbers

BREAK_EVEN = 1.0
LEVEL = numbers.percent(HDI_PROB)
RANGE_NAME = f"{LEVEL} range"
RANGE_CAPTION = f"median, 50 % and {LEVEL} range"

_WORDS = (
    (0.95, "very likely"),
    (0.80, "likely"),
    (0.60, "leaning"),
    (0.40, "too close to call"),
)
_MIRRORED = ((0.05, "very unlikely"), (0.20, "unlikely"), (0.40, "leaning against"))

LIKELIHOOD_SCALE = (
    "95 % and more: very likely · 80–94 %: likely · 60–79 %: leaning · 40–59 %: too close to call · "
    "below, the same mirrored: leaning against, unlikely, very unlikely"
)


def likelihood_word(probability: float) -> str:
    """The word of the scale for a probability in [0, 1]; the number itself stands beside it, never instead."""
    for floor, word in _WORDS:
        if probability >= floor:
            return word
    return next(word for ceiling, word in _MIRRORED if probability <= ceiling)


def chances(probability: float) -> str:
    """A probability as people count it: "8 in 10"; near certainty out of 100, and never a certainty."""
    if probability >= 0.995:
        return "more than 99 in 100"
    if probability < 0.005:
        return "less than 1 in 100"
    if probability >= 0.945 or probability < 0.05:
        return f"{max(round(probability * 100), 1)} in 100"
    return f"{max(round(probability * 10), 1)} in 10"


def likelihood(probability: float) -> str:
    """Word and number: "likely, 8 in 10"."""
    return f"{likelihood_word(probability)}, {chances(probability)}"


def likely_range(estimate: Estimate | None, write: Callable[[float], str], learning: Learning | None = None) -> str:
    """The range with its level and origin: "likely range €1.40–€2.90, 94 % range, learned from the data"."""
    if estimate is None:
        return numbers.NOT_ESTIMATED
    origin = f", {learned_words(learning)}" if learning else ""
    return f"likely range {numbers.value_range(estimate.lo, estimate.hi, write)}, {RANGE_NAME}{origin}"


def learned_words(learning: Learning) -> str:
    """Where a return mostly comes from, inside a sentence: "learned from the data" or "mostly assumption"."""
    label = learning.learned_from.label
    return label[0].lower() + label[1:]


def with_range(estimate: Estimate | None, write: Callable[[float], str], learning: Learning | None = None) -> str:
    """Point and range: "€2.10 (likely range €1.40–€2.90, 94 % range)"; with the origin when `learning` is known."""
    if estimate is None:
        return numbers.NOT_ESTIMATED
    return f"{write(estimate.median)} ({likely_range(estimate, write, learning)})"


def per_one(currency: str = "") -> str:
    """The denominator of a return: "per €1", or "per 1 spent" when the currency is not known."""
    return f"per {_one(currency)}" if currency else "per 1 spent"


def next_one(currency: str = "") -> str:
    """The next unit of money: "the next €1", or "the next 1"."""
    return f"the next {_one(currency)}" if currency else "the next 1"


def spans_break_even(estimate: Estimate) -> bool:
    """Whether the range holds both losing and winning money."""
    return estimate.lo < BREAK_EVEN < estimate.hi


def break_even_phrase(estimate: Estimate) -> str:
    """What may be said about paying back: "pays back", "does not pay back" or "may or may not pay back"."""
    if spans_break_even(estimate):
        return "may or may not pay back"
    return "pays back" if estimate.lo >= BREAK_EVEN else "does not pay back"


def return_sentence(
    channel_name: str, estimate: Estimate | None, currency: str = "", learning: Learning | None = None
) -> str:
    """What one channel returned, with its range and its origin, and the doubt about break-even when there is one."""
    if estimate is None:
        return f"The return of {channel_name} is {numbers.NOT_ESTIMATED}: there is no spend to divide by."
    write = return_writer(currency)
    figures = f"{write(estimate.median)} {per_one(currency)} ({likely_range(estimate, write, learning)})"
    doubt = "; it may or may not pay back" if spans_break_even(estimate) else ""
    return f"{channel_name} most likely returned {figures}{doubt}."


def comparison_sentence(first: str, second: str, probability: float) -> str:
    """Which of two is better, by the probability that `first` is: "Search is likely better than TV (8 in 10)."."""
    if probability < 0.5:
        first, second, probability = second, first, 1 - probability
    word = likelihood_word(probability)
    if word == "too close to call":
        return f"{first} or {second}: too close to call ({chances(probability)} for {first})."
    verb = "may be" if word == "leaning" else f"is {word}"
    return f"{first} {verb} better than {second} ({chances(probability)})."


def return_writer(currency: str) -> Callable[[float], str]:
    """A writer of returns in one currency, for `with_range` and its kin."""
    return lambda value: numbers.roas(value, currency)


def money_writer(currency: str) -> Callable[[float], str]:
    """A writer of short money in one currency."""
    return lambda value: numbers.money(value, currency)


def _one(currency: str) -> str:
    return numbers.money(1, currency).removesuffix(".00")
