"""How numbers are written for one reader: set once for each request, it passes into threads."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from mixmodel_app.domain.dataset import OutcomeKind
from mixmodel_app.domain.preferences import NumberFormat, Preferences
from mixmodel_app.wording.terms import outcome_name


@dataclass(frozen=True, slots=True)
class Look:
    """How numbers are written for one reader.

    `outcome` is what the results on screen are about, `things` what is counted where it is a count ("orders").
    """

    preferences: Preferences = field(default_factory=Preferences)
    outcome: OutcomeKind = OutcomeKind.MONEY
    things: str = ""

    @property
    def prefix(self) -> str:
        """What stands before an amount of money: the symbol, or the code and a space."""
        currency = self.preferences.currency
        return f"{currency} " if currency[-1:].isalpha() else currency

    @property
    def outcome_prefix(self) -> str:
        """What stands before an amount of the outcome."""
        return "" if self.counts else self.prefix

    @property
    def counts(self) -> bool:
        """Whether the outcome is a number of things."""
        return self.outcome is OutcomeKind.COUNT

    @property
    def thing(self) -> str:
        """One of what is counted: "order"; "one" where its word is not known."""
        if self.things.endswith("ies"):
            return f"{self.things[:-3]}y"
        return self.things.removesuffix("s") or "one"

    @property
    def number_format(self) -> NumberFormat:
        return self.preferences.number_format


_look: ContextVar[Look] = ContextVar("look", default=Look())  # noqa: B039 (a Look is frozen)


def look() -> Look:
    """How numbers are written here and now."""
    return _look.get()


def level() -> float:
    """The level of ranges that the reader prefers; results that do not know it keep theirs."""
    return look().preferences.interval


def use(preferences: Preferences) -> None:
    """Write as these preferences say from here on, in this request only; the outcome is money until results say so."""
    _look.set(Look(preferences))


def use_outcome(outcome: OutcomeKind, target: str) -> None:
    """Write amounts of the outcome `target` as money or as a count from here on, in this request only."""
    _look.set(replace(look(), outcome=outcome, things=outcome_name(target)))


@contextmanager
def looking(
    *, preferences: Preferences | None = None, outcome: OutcomeKind | None = None, target: str = "", **changes: Any
) -> Generator[None]:
    """Within it numbers look otherwise: `looking(currency="€")`, `looking(outcome=…, target="orders")`."""
    before = look()
    changed = replace(before, preferences=replace(preferences or before.preferences, **changes))
    if outcome is not None:
        changed = replace(changed, outcome=outcome, things=outcome_name(target))
    token = _look.set(changed)
    try:
        yield
    finally:
        _look.reset(token)
