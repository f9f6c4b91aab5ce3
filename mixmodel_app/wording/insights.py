"""The sentences above the charts: what media brought in, which channel returned most, and whether to trust it."""

from mixmodel_app.domain.results import ChannelResult, Estimate, HealthStatus, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.terms import outcome_name
from mixmodel_app.wording.uncertainty import (
    BREAK_EVEN,
    break_even_phrase,
    likely_range,
    return_sentence,
    return_with_range,
    returned_per_one,
)


def headline(results: ModelResults, needed: float | None = BREAK_EVEN) -> str:
    """The verdict in one to three sentences: what media brought in, the best channel, and the doubt."""
    return " ".join(headline_sentences(results, needed))


def headline_sentences(results: ModelResults, needed: float | None = BREAK_EVEN) -> list[str]:
    """The same one by one: the first is the message, for places that have room for one. `needed` is break-even."""
    if results.verdict is HealthStatus.DO_NOT_USE:
        return ["Do not base decisions on this model.", health_sentence(results)]
    sentences = [_media_sentence(results), _best_sentence(results, needed)]
    if results.verdict is HealthStatus.CHECK:
        sentences.append(health_sentence(results))
    return [sentence for sentence in sentences if sentence]


def payback_summary(results: ModelResults, needed: float | None = BREAK_EVEN) -> str:
    """How many channels pay back, as a title: "2 of 6 channels pay back, 3 may or may not".

    Where break-even is not known, which channel returned most.
    """
    if needed is None:
        ranked = ranked_by_return(results)
        return f"{ranked[0][0].name} returned most" if ranked else "What each channel returned"
    phrases = [break_even_phrase(channel.roas, needed) for channel in results.channels if channel.roas]
    counted = [
        (phrases.count("pays back"), "pay back"),
        (phrases.count("may or may not pay back"), "may or may not"),
        (phrases.count("does not pay back"), "do not"),
        (len(results.channels) - len(phrases), f"{numbers.NOT_ESTIMATED}"),
    ]
    known = [f"{number} {text}" for number, text in counted if number]
    first = f"{counted[0][0]} of {len(results.channels)} channels pay back"
    return ", ".join([first, *(known[1:] if counted[0][0] else known)])


def health_sentence(results: ModelResults) -> str:
    """The verdict on the model, with the evidence of the worst check."""
    verdict, reason = results.verdict, health_reason(results)
    if verdict is HealthStatus.GOOD:
        return f"Model health: Good. {reason}".strip()
    return f"Model health: {verdict.label}, because of {reason}"


def health_reason(results: ModelResults) -> str:
    """Why the verdict is what it is, for places that name the verdict themselves; "" when there is nothing to say.

    Of the evidence only its first sentence: the rest stands with the check.
    """
    worst = [check for check in results.health if check.status is results.verdict]
    if results.verdict is HealthStatus.GOOD:
        return f"All {len(worst)} checks passed." if len(worst) > 1 else ""
    evidence = f"{worst[0].title} ({worst[0].evidence.partition('. ')[0].rstrip('.')})"
    more = {1: "", 2: f" and {worst[-1].title}"}.get(len(worst), f" and {len(worst) - 1} more")
    return f"{evidence}{more}."


def ranked_by_return(results: ModelResults) -> list[tuple[ChannelResult, Estimate]]:
    """Channels whose return is estimated, the highest median first."""
    known = [(channel, channel.roas) for channel in results.channels if channel.roas is not None]
    return sorted(known, key=lambda pair: pair[1].median, reverse=True)


def order_is_settled(first: Estimate, second: Estimate) -> bool:
    """Whether the ranges of two estimates do not overlap. A cautious rule: it knows no joint draws."""
    return first.lo > second.hi or second.lo > first.hi


def _media_sentence(results: ModelResults) -> str:
    parts = results.decomposition.breakdown()
    if parts.total <= 0:
        return ""
    media, total = numbers.outcome(parts.media), numbers.outcome(parts.total)
    share = numbers.percent(parts.media / parts.total)
    text = f"Media brought in {media} of {total} {outcome_name(results.target)} ({share})"
    if results.blended_roas is None:
        return f"{text}."
    return f"{text}: {_blended(results.blended_roas)}."


def _blended(estimate: Estimate) -> str:
    return f"{returned_per_one(estimate)} ({likely_range(estimate, numbers.roas)})"


def _best_sentence(results: ModelResults, needed: float | None) -> str:
    ranked = ranked_by_return(results)
    if not ranked:
        return "No channel has spend to compute a return from."
    best, estimate = ranked[0]
    if len(ranked) == 1:
        return return_sentence(best.name, estimate, best.learning, needed=needed)
    text = f"{best.name} returned most, {return_with_range(estimate, best.learning)}"
    runner_up, other = ranked[1]
    if order_is_settled(estimate, other):
        return f"{text}."
    return f"{text}; its range overlaps that of {runner_up.name}, so the order is not settled."
