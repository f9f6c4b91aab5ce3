"""What can be learned from a table, in sentences: one for each channel and one for all."""

from collections.abc import Sequence

from mixmodel_app.wording import numbers

_MOST_NAMES = 6


def never_on(channel: str) -> str:
    return f"{channel} was never on, so there is nothing to learn from."


def rarely_on(channel: str, active: int, period: str) -> str:
    return f"{channel} was on in only {_count(active, period)}, too few chances to show its effect."


def flat(channel: str, variation: float) -> str:
    return (
        f"{channel} hardly changes ({numbers.percent(variation)} around its mean), so its effect looks like sales that "
        "would have come anyway."
    )


def follows_calendar(channel: str, contrast: float) -> str:
    return (
        f"Only {numbers.percent(contrast)} of the movement of {channel} is its own; the rest goes with season, trend "
        "or other drivers."
    )


def moves_with(channel: str, others: Sequence[str]) -> str:
    return f"{channel} moves together with {_and(others)}: the data tell what they bring together better than apart."


def drowned(channel: str) -> str:
    return f"An effect of usual size for what {channel} spends is about as small as the noise of the outcome."


def near_noise(channel: str) -> str:
    return f"An effect of usual size of {channel} stands out from the noise, but its range will be wide."


def clear(channel: str, active: int, period: str) -> str:
    return f"{channel} was on in {_count(active, period)} and moves enough on its own for its effect to stand out."


def summary(
    periods: int, period: str, years: float, learned: Sequence[str], partly: Sequence[str], assumed: Sequence[str]
) -> str:
    """ "156 weeks (3 years) can tell the returns of TV and Search, and partly that of Radio. Print will …" """
    history = f"{_count(periods, period)} ({f'{years:.1f}'.removesuffix('.0')} years)"
    rest = f" {_and(assumed)} will rest on assumptions." if assumed else ""
    if learned and partly:
        return f"{history} can tell {_returns(learned)}, and partly {_returns(partly)}.{rest}"
    if learned:
        return f"{history} can tell {_returns(learned)}.{rest}"
    if partly:
        return f"{history} can tell {_returns(partly)} only in part.{rest}"
    return f"{history} tell little about any channel: every return will rest on assumptions."


def _returns(channels: Sequence[str]) -> str:
    return f"the return of {channels[0]}" if len(channels) == 1 else f"the returns of {_and(channels)}"


def _and(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMES:
        return f"{', '.join(names[: _MOST_NAMES - 1])} and {len(names) - _MOST_NAMES + 1} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
