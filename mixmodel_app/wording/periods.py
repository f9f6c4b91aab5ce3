"""What the results of some periods mean, in two sentences."""

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.wording import numbers


def period_note(start: str, end: str, n_periods: int, frequency: str) -> str:
    """Which periods, and what is counted to them: the definition of `engine.period` for people."""
    word = Frequency(frequency).period
    length = f"{numbers.count(n_periods)} {word}{'' if n_periods == 1 else 's'}"
    return (
        f"{numbers.date_range(start, end)} ({length}). Contributions are what arrived in the period, with the "
        "carryover of earlier spend; returns are of the money spent in it, with what arrives later. Model health and "
        "parameters are those of the whole fit."
    )
