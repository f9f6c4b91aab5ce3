"""One part of the planner's question, as it comes from the page."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from mixmodel_app.domain.budget import Attitude, Objective, Timing
from mixmodel_app.domain.errors import FieldError, InvalidInput
from mixmodel_app.pages._input import typed_number
from mixmodel_app.pages._plan_draft import Draft
from mixmodel_app.wording import numbers


def changed_part(draft: Draft, which: str, text: str, *, shown_total: str) -> Draft:
    """The draft with one part changed; what is not a part of the question changes nothing.

    Args:
        shown_total: the total as it is on screen, rounded: left as it is, it stays what it was.

    Raises:
        InvalidInput: a text that is not a number, or not one of the choices.
    """
    changes: dict[str, Callable[[], Draft]] = {
        "objective": lambda: replace(draft, objective=Objective(text)),
        "attitude": lambda: replace(draft, attitude=Attitude(text)),
        "timing": lambda: _timed(draft, Timing(text)),
        "weights": lambda: replace(draft, weights=_weights(text)),
        "weeks": lambda: draft if text == f"{draft.weeks}" else _lasting(draft, _whole(text)),
        "target": lambda: replace(draft, target=typed_number(text, "The target") if text.strip() else None),
        "margin": lambda: replace(draft, margin=_margin(text)),
        "mode": lambda: replace(draft, is_fixed=text == "fixed", total=sum(draft.money.values())),
        "total": lambda: draft if text == shown_total else draft.with_total(typed_number(text, "The total budget")),
        "beyond": lambda: replace(draft, is_capped=text != "true"),
    }
    make = changes.get(which)
    if make is None:
        return draft
    try:
        return make()
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is not one of the choices.", errors=(FieldError(which, "is not known"),)
        ) from error


def _lasting(draft: Draft, weeks: int) -> Draft:
    """Another horizon; weights of one's own would not fit it."""
    timing = Timing.EVEN if draft.timing is Timing.OWN else draft.timing
    return replace(draft, weeks=weeks, timing=timing, weights=())


def _timed(draft: Draft, timing: Timing) -> Draft:
    weights = (1.0,) * draft.weeks if timing is Timing.OWN else ()
    return replace(draft, timing=timing, weights=weights)


def weights_text(weights: Sequence[float]) -> str:
    """Weights as people type them: with semicolons where the comma is a decimal one."""
    return _between_weights().join(numbers.exact(weight) for weight in weights)


def margin_text(margin: float | None) -> str:
    """The margin as it is typed: per cent of money, or the money that one of a count is worth."""
    if margin is None:
        return ""
    return numbers.exact(margin if numbers.look().counts else 100 * margin)


def _margin(text: str) -> float | None:
    if numbers.look().counts:
        return typed_number(text, f"The worth of one {numbers.look().thing}") if text.strip() else None
    return typed_number(text, "The margin") / 100


def _weights(text: str) -> tuple[float, ...]:
    mark = ";" if ";" in text else _between_weights().strip()
    return tuple(typed_number(part, "A weight") for part in text.split(mark) if part.strip())


def _between_weights() -> str:
    return ", " if numbers.look().number_format.decimal == "." else "; "


def _whole(text: str) -> int:
    value = typed_number(text, "The horizon")
    if value != int(value) or value < 1:
        raise InvalidInput(
            "The horizon must be a whole number of periods.", errors=(FieldError("weeks", "is not whole"),)
        )
    return int(value)
