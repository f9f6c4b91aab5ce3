"""The planner's rows: every value a text."""

from dataclasses import dataclass, replace

from mixmodel_app.domain.budget import Evaluation
from mixmodel_app.pages._plan_curves import CurvePicture
from mixmodel_app.pages._plan_draft import Draft
from mixmodel_app.wording import numbers
from mixmodel_app.wording.plans import OUTSIDE

_LEAST_SCALE, _MOST_SCALE = 150, 400


@dataclass
class PlanRow:
    """One channel of the planner.

    Attributes:
        separators: decimal and thousands of the amounts, for the script of the sliders.
        money: of the plan, as typed; `per_percent`: money of 1 % of the slider, which goes to `scale` %.
        percent: where the slider stands; `observed`: where what was observed ends, in per cent of the slider's length.
        curve, beyond: the response within and outside observed spend, as SVG paths; `border`: x between them.
        now_x … then_y: the points of today and of the plan on it.
        problem: why the plan cannot be as it stands here; "" when it can.
    """

    name: str
    colour: str
    current: str
    money: str
    per_percent: str
    percent: str
    scale: str
    separators: str
    observed: str
    change: str
    change_share: str
    direction: str
    locked: bool
    low: str
    high: str
    next_now: str
    next_then: str
    curve: str
    beyond: str
    border: str
    now_x: str
    now_y: str
    then_x: str
    then_y: str
    outside: bool
    problem: str
    learned_from: str = ""
    evidence: str = ""


def plan_row(
    draft: Draft, found: Evaluation, name: str, picture: CurvePicture, known: PlanRow | None = None
) -> PlanRow:
    """The row of one channel; colour and learning are kept from `known`."""
    current, money = draft.current[name], draft.money[name]
    unit = slider_unit(draft, name)
    ceiling = found.ceiling[name]
    scale = _scale(ceiling / unit)
    now, then = picture.point(current), picture.point(money)
    low, high = draft.bounds.get(name, (None, None))
    return PlanRow(
        name=name,
        colour=known.colour if known else "",
        current=numbers.full_money(current),
        money=money_text(money),
        per_percent=f"{unit:.12g}",
        percent=f"{min(money / unit, scale):.0f}",
        scale=f"{scale}",
        separators=numbers.separators(),
        observed=f"{min(ceiling / unit / scale, 1) * 100:.1f}%",
        change=numbers.signed_money(money - current),
        change_share=numbers.signed_percent(money / current - 1) if current > 0 else "",
        direction="same" if abs(money - current) < 0.5 else "up" if money > current else "down",
        locked=name in draft.locked,
        low=_percent_text(low, current),
        high=_percent_text(high, current),
        next_now=numbers.roas(found.current_marginal_roas[name]),
        next_then=numbers.roas(found.marginal_roas[name]),
        curve=picture.inside,
        beyond=picture.outside,
        border=picture.border,
        now_x=now[0],
        now_y=now[1],
        then_x=then[0],
        then_y=then[1],
        outside=name in found.extrapolated,
        problem=_problem(draft, name),
        learned_from=known.learned_from if known else "",
        evidence=known.evidence if known else "",
    )


def dressed(row: PlanRow, colour: str, learned_from: str, evidence: str) -> PlanRow:
    """The row with what the results say of its channel."""
    return replace(row, colour=colour, learned_from=learned_from, evidence=evidence)


def slider_unit(draft: Draft, name: str) -> float:
    """Money of one per cent on the slider: of the current spend or, where there is none, of an even share."""
    base = draft.current[name] or draft.caps[name] or sum(draft.current.values()) / len(draft.current)
    return max(base / 100, 1e-6)


def money_text(value: float) -> str:
    """An amount as people type it, without a currency: whole, with two decimals below 100, and 0 as it is."""
    return numbers.amount(value) if value > 0 else "0"


def _scale(ceiling: float) -> int:
    wanted = -(-int(ceiling * 1.15) // 10) * 10
    return min(max(wanted, _LEAST_SCALE), _MOST_SCALE)


def _percent_text(bound: float | None, current: float) -> str:
    return "" if bound is None or current <= 0 else numbers.exact(float(f"{100 * bound / current:.4g}"))


def _problem(draft: Draft, name: str) -> str:
    """What the plan breaks here, in words."""
    money = draft.money[name]
    low, high = draft.bounds.get(name, (None, None))
    if low is not None and high is not None and low > high:
        return "The least is above the most."
    if low is not None and money < low * (1 - 1e-6):
        return f"Below its least of {numbers.full_money(low)}."
    if high is not None and money > high * (1 + 1e-6):
        return f"Above its most of {numbers.full_money(high)}."
    cap = draft.caps[name]
    if draft.is_capped and money > cap * (1 + 1e-6):
        return f"Above {numbers.full_money(cap)}, where {OUTSIDE} begins. Optimise will bring it back, unless locked."
    return ""
