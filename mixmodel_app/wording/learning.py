"""How much of a return was learned, in one sentence of evidence for each channel.

`before` is the range without the channel's own data: what was assumed, or, where returns are `shared` between channels,
what the others suggest. `after` is the range of the results.
"""

from mixmodel_app.domain.results import Estimate
from mixmodel_app.wording import numbers


def narrowed(channel: str, before: Estimate, after: Estimate, *, shared: bool) -> str:
    """ "The data narrowed the return of TV from 0.30–4.10 to 1.40–2.90.", or moved it, where that spans more money."""
    verb = "narrowed" if after.hi - after.lo < before.hi - before.lo else "moved"
    return _moved(verb, channel, before, after, shared)


def brought_down(channel: str, before: Estimate, after: Estimate, *, shared: bool) -> str:
    """ "The data brought down the return of TV from 0.30–4.10 to 0.05–0.60." """
    return _moved("brought down", channel, before, after, shared)


def nearly_unchanged(channel: str, before: Estimate, after: Estimate, *, shared: bool) -> str:
    """ "The range of Radio, 0.40–2.80, is nearly what was assumed before seeing any data (0.30–3.10)." """
    return f"The range of {channel}, {_range(after)}, is nearly {_origin(before, shared)}."


def partly_learned(channel: str, before: Estimate, after: Estimate, *, shared: bool) -> str:
    """ "The range of Radio, 0.40–2.20, still owes much to what was assumed before seeing any data (0.30–3.10)." """
    return f"The range of {channel}, {_range(after)}, still owes much to {_origin(before, shared)}."


def hangs_on_prior(channel: str, before: Estimate, after: Estimate, *, shared: bool) -> str:
    """A range that the data moved, but that another strength of the prior would move as well."""
    origin = _origin(before, shared)
    return f"The range of {channel}, {_range(after)}, depends on how much one trusts {origin}."


SENTENCES = {
    sentence.__name__: sentence
    for sentence in (narrowed, brought_down, nearly_unchanged, partly_learned, hangs_on_prior)
}
"""By the names that results keep, so that the ranges can be written again as a reader wants them."""


def _moved(verb: str, channel: str, before: Estimate, after: Estimate, shared: bool) -> str:
    first, last = _range(before), _range(after)
    if not shared:
        return f"The data {verb} the return of {channel} from {first} to {last}."
    return f"The data of {channel} {verb} its return from {first} (what the other channels suggest) to {last}."


def _origin(before: Estimate, shared: bool) -> str:
    source = "what was assumed before seeing any data"
    if shared:
        source = "what the other channels suggest without its own data"
    return f"{source} ({_range(before)})"


def _range(estimate: Estimate) -> str:
    return numbers.value_range(estimate.lo, estimate.hi, numbers.roas)
