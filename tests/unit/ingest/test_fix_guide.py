"""The example of the guide for fixes works as it is printed."""

import re
from pathlib import Path

import pandas as pd
import pytest

from mixmodel_app.ingest import repair
from mixmodel_app.ingest.fixes import _base
from mixmodel_app.ingest.table import Table
from mixmodel_app.registry import Registry
from tests.unit.ingest.fix_tables import MAPPING, weekly

GUIDE = Path(__file__).parents[3] / "docs" / "extending" / "fix.md"


def test_the_example_of_the_guide_is_a_working_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    registry: Registry[_base.Fix] = Registry("fix")
    monkeypatch.setattr(_base, "FIXES", registry)
    monkeypatch.setattr(repair, "all_fixes", lambda: registry)
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found is not None
    exec(compile(found.group(1), GUIDE.name, "exec"), {})
    table = Table.of(weekly().assign(price=9.4))
    once = repair.apply_fix(table, MAPPING, "whole_numbers", {"column": "price"})
    assert (once.table.column("price") == 9).all()
    assert once.change.cells == table.n_rows
    twice = repair.apply_fix(once.table, MAPPING, "whole_numbers", {"column": "price"})
    pd.testing.assert_frame_equal(twice.table.frame, once.table.frame)
