"""What components accept: a plain value, or a Var of state that the browser fills in.

The type checker sees `SomeState.rows` as the list it holds, at run time it is a `Var`; hence these two names.
"""

from typing import Any

import reflex as rx
from reflex.vars import NumberVar

type Text = str | rx.Var[str]
"""A text or a Var of one."""

type FromState = Any
"""A Var of an object or list, given as the attribute of a state class or as the item of an `rx.foreach`."""


def number_var(value: int | rx.Var[int]) -> NumberVar[int]:
    """A number as a Var, for comparisons that the browser makes."""
    return rx.Var.create(value).to(int)
