"""The planner's headline numbers in words."""

import numpy as np

from mixmodel_app.domain.budget import Evaluation, Horizon
from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.pages._plan_draft import Draft
from mixmodel_app.pages._plan_numbers import PlanNumbers, plan_numbers
from mixmodel_app.planning.evaluate import Planner
from tests.unit.planning.test_optimising_budgets import make_draws


def told(factor: float) -> tuple[PlanNumbers, Evaluation]:
    planner = Planner.over(make_draws(3), Horizon(13), Frequency.WEEKLY)
    found = planner.evaluate(planner.current * np.array([factor, 1, 1]))
    draft = Draft(13, found.allocation, found.current, found.ceiling, total=found.spend)
    return plan_numbers(draft, found), found


def test_the_current_plan_has_no_chance_to_be_better_than_itself() -> None:
    shown, _ = told(1.0)
    assert (shown.better, shown.better_note) == ("–", "nothing changes: this is the current plan")


def test_another_plan_has_one() -> None:
    shown, found = told(1.4)
    assert found.moved > 0
    assert " in 10" in shown.better
    assert shown.better_note.endswith("more than the current plan after cost")
