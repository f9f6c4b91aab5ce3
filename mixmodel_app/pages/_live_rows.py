"""A running sampler as rows of texts: chains, provisional ranges and the line that says what they rest on."""

from mixmodel_app.components.live_fit import ChainRow
from mixmodel_app.domain.live import ChainState, LiveFit
from mixmodel_app.pages._range_rows import Range
from mixmodel_app.wording import numbers

WAITING = "Ranges appear once every chain has 50 draws, and settle while you watch."


def provisional_note(live: LiveFit) -> tuple[str, str]:
    """ "Provisional – from 250 draws per chain;" and "R-hat 1.012", which stays on one line."""
    if not live.returns:
        return WAITING, ""
    note = f"Provisional – from {numbers.count(live.draws)} draws per chain"
    return (f"{note};", f"R-hat {numbers.rhat(live.rhat)}") if live.rhat is not None else (note, "")


def ranges_of(live: LiveFit) -> list[Range]:
    """The provisional returns; channels without one are not among them."""
    return [Range(each.channel, each.median, each.lo, each.hi) for each in live.returns]


def chain_rows(live: LiveFit, first_round: int) -> list[ChainRow]:
    """One row for each chain. A full bar is `first_round` steps: how many rounds follow depends on the chains."""
    return [_chain_row(number, chain, first_round) for number, chain in enumerate(live.chains, start=1)]


def _chain_row(number: int, chain: ChainState, first_round: int) -> ChainRow:
    return ChainRow(
        name=f"Chain {number}",
        done=f"{min(100 * chain.finished / first_round, 100):.1f}%",
        phase="Tuning" if chain.tuning else "Sampling",
        steps=numbers.count(chain.finished),
        divergences=numbers.count(chain.divergences),
        step_size=numbers.plain(chain.step_size),
    )
