"""The sentences above the charts: what media brought in, which channel returned most, and whether to trust it."""

from mixmodel_app.domain.results import ChannelResult, Estimate, HealthStatus, ModelResults
from mixmodel_app.wording import numbers
from mixmodel_app.wording.terms import outcome_name
from mixmodel_app.wording.uncertainty import likely_range, per_one, return_sentence, return_writer, with_range


def headline(results: ModelResults, currency: str = "") -> str:
    """The verdict in one to three sentences: what media brought in, the best channel, and the doubt."""
    if results.verdict is HealthStatus.DO_NOT_USE:
        return f"Do not base decisions on this model. {health_sentence(results)}"
    sentences = [_media_sentence(results, currency), _best_sentence(results, currency)]
    if results.verdict is HealthStatus.CHECK:
        sentences.append(health_sentence(results))
    return " ".join(sentence for sentence in sentences if sentence)


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


def _media_sentence(results: ModelResults, currency: str) -> str:
    parts = results.decomposition.breakdown()
    if parts.total <= 0:
        return ""
    media, total = numbers.money(parts.media, currency), numbers.money(parts.total, currency)
    share = numbers.percent(parts.media / parts.total)
    text = f"Media brought in {media} of {total} {outcome_name(results.target)} ({share})"
    if results.blended_roas is None:
        return f"{text}."
    return f"{text}: {_blended(results.blended_roas, currency)}."


def _blended(estimate: Estimate, currency: str) -> str:
    write = return_writer(currency)
    return f"{write(estimate.median)} {per_one(currency)} ({likely_range(estimate, write)})"


def _best_sentence(results: ModelResults, currency: str) -> str:
    ranked = ranked_by_return(results)
    if not ranked:
        return "No channel has spend to compute a return from."
    best, estimate = ranked[0]
    if len(ranked) == 1:
        return return_sentence(best.name, estimate, currency, best.learning)
    text = f"{best.name} returned most, {with_range(estimate, return_writer(currency), best.learning)}"
    runner_up, other = ranked[1]
    if order_is_settled(estimate, other):
        return f"{text}."
    return f"{text}; its range overlaps that of {runner_up.name}, so the order is not settled."
