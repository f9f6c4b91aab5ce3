"""What a fix is, and what it gives back.

A new fix is one function in a module of this folder:

    @fix("round_up", arguments=("column",))
    def round_up(table: Table, mapping: ColumnMapping, arguments: Arguments) -> Repair:
        '''What it changes, and what it leaves alone.'''
        ...
        return Repair(repaired, mapping, "Rounded 3 cells of tv_spend up.")

It is pure, raises `InvalidInput` for what it cannot do, and changes nothing when it is applied a second time. What has
changed is counted from the two tables, not by the function.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.ingest.fixes._arguments import Arguments
from mixmodel_app.ingest.table import Table
from mixmodel_app.registry import Registry


class Repair(NamedTuple):
    """The table and mapping after a fix, and one sentence on what was done."""

    table: Table
    mapping: ColumnMapping
    sentence: str


type FixFunction = Callable[[Table, ColumnMapping, Arguments], Repair]


@dataclass(frozen=True, slots=True)
class Fix:
    """A registered fix; `help` is the docstring of its function, `arguments` are the keys that it knows."""

    kind: str
    arguments: tuple[str, ...]
    help: str
    function: FixFunction


FIXES: Registry[Fix] = Registry("fix")


def fix(kind: str, *, arguments: tuple[str, ...] = ()) -> Callable[[FixFunction], FixFunction]:
    """Register a function as the fix `kind`, with the keys that its arguments may have."""

    def add(function: FixFunction) -> FixFunction:
        FIXES.register(kind)(Fix(kind, arguments, inspect.getdoc(function) or "", function))
        return function

    return add


def refusal(message: str, key: str, *, hint: str = "") -> InvalidInput:
    """Why a fix cannot be done, blamed on one argument."""
    return InvalidInput(message, hint=hint, errors=(FieldError(f"arguments.{key}", message),))
