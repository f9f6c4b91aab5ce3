"""How doubt is worded: point and range, chances, and what may be said about break-even."""

from collections.abc import Callable

from mixmodel_app.domain.results import Estimate, Learning
from mixmodel_app.wording import numbers

BREAK_EVEN = 1.0
_INNER = 0.5

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


def level_text(level: float) -> str:
    """The level of a range: "94 %"."""
    return numbers.percent(level)


def range_name(level: float) -> str:
    """What a range is called: "94 % range"."""
    return f"{level_text(level)} range"


def range_caption(level: float) -> str:
    """What a chart with ranges shows: "median, 50 % and 94 % range"."""
    inner = "" if level == _INNER else f", {level_text(_INNER)}"
    return f"median{inner} and {range_name(level)}"


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
    return f"likely range {numbers.value_range(estimate.lo, estimate.hi, write)}, {range_name(estimate.level)}{origin}"


def learned_words(learning: Learning) -> str:
    """Where a return mostly comes from, inside a sentence: "learned from the data" or "mostly assumption"."""
    label = learning.learned_from.label
    return label[0].lower() + label[1:]


def with_range(estimate: Estimate | None, write: Callable[[float], str], learning: Learning | None = None) -> str:
    """Point and range: "€2.10 (likely range €1.40–€2.90, 94 % range)"; with the origin when `learning` is known."""
    if estimate is None:
        return numbers.NOT_ESTIMATED
    return f"{write(estimate.median)} ({likely_range(estimate, write, learning)})"


def return_with_range(estimate: Estimate | None, learning: Learning | None = None) -> str:
    """`with_range` of a return: "€2.10 (likely range …)", "0.12 orders (likely range …)"."""
    if estimate is None:
        return numbers.NOT_ESTIMATED
    return f"{numbers.returned(estimate.median)} ({likely_range(estimate, numbers.roas, learning)})"


def per_one() -> str:
    """The denominator of a return: "per €1", or "per 1 spent" when the currency is not known."""
    return f"per {_one()}" if numbers.look().prefix else "per 1 spent"


def return_label() -> str:
    """What the return is called above a figure: "Return per 1 spent", "Orders per 1 spent"."""
    look = numbers.look()
    return f"{look.things.capitalize() if look.counts else 'Return'} per 1 spent"


def cost_of_one(estimate: Estimate) -> str:
    """What one of a count costs, in words that go on: ", €8.40 per order"; "" for money."""
    if not numbers.look().counts or estimate.median <= 0:
        return ""
    return f", {numbers.money(1 / estimate.median)} per {numbers.look().thing}"


def next_one() -> str:
    """The next unit of money: "the next €1", or "the next 1"."""
    return f"the next {_one()}"


def worth_text(worth: float | None) -> str:
    """What break-even follows from: "40 % margin", "€40 per order"; "" where nothing moves it or it is not known."""
    if worth is None:
        return ""
    if numbers.look().counts:
        return f"{numbers.money(worth)} per {numbers.look().thing}"
    return f"{numbers.percent(worth)} margin" if worth < 1 else ""


def spans_break_even(estimate: Estimate, needed: float | None) -> bool:
    """Whether the range holds both losing and winning money; `needed` is the return at which neither happens.

    None where that is not known: a count has no break-even until somebody says what one is worth.
    """
    return needed is not None and estimate.lo < needed < estimate.hi


def break_even_phrase(estimate: Estimate, needed: float | None) -> str:
    """What may be said about paying back: "pays back", "does not pay back", "may or may not pay back" or nothing."""
    if needed is None:
        return ""
    if spans_break_even(estimate, needed):
        return "may or may not pay back"
    return "pays back" if estimate.lo >= needed else "does not pay back"


def payback_text(estimate: Estimate | None, needed: float | None) -> str:
    """The cell of a table that says whether a channel pays back; "–" where break-even is not known."""
    if estimate is None:
        return numbers.NOT_ESTIMATED
    return break_even_phrase(estimate, needed) or numbers.MISSING


def returned_per_one(estimate: Estimate) -> str:
    """The median of a return: "€2.10 per €1", "0.12 orders per €1, €8.40 per order"."""
    return f"{numbers.returned(estimate.median)} {per_one()}{cost_of_one(estimate)}"


def return_sentence(
    channel_name: str, estimate: Estimate | None, learning: Learning | None = None, *, needed: float | None
) -> str:
    """What one channel returned, with its range and its origin, and the doubt about break-even when there is one."""
    if estimate is None:
        return f"The return of {channel_name} is {numbers.NOT_ESTIMATED}: there is no spend to divide by."
    figures = f"{returned_per_one(estimate)} ({likely_range(estimate, numbers.roas, learning)})"
    doubt = "; it may or may not pay back" if spans_break_even(estimate, needed) else ""
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


def _one() -> str:
    return f"{numbers.look().prefix}1"
