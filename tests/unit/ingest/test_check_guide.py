"""The example of docs/extending/check.md is a working check."""

import re
from pathlib import Path

import pandas as pd
import pytest

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.ingest.checks import _base
from mixmodel_app.ingest.table import Table
from mixmodel_app.registry import Registry

GUIDE = Path(__file__).parents[3] / "docs" / "extending" / "check.md"


@pytest.mark.parametrize(("spend", "fires"), [([2000.0] * 12, True), ([2000.0] * 11 + [1999.0], False)])
def test_the_example_of_the_guide_works(monkeypatch: pytest.MonkeyPatch, spend: list[float], fires: bool) -> None:
    monkeypatch.setattr(_base, "CHECKS", Registry("check"))
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found is not None
    exec(compile(found.group(1), GUIDE.name, "exec"), {})
    dates = pd.date_range("2024-01-01", periods=12, freq="W-MON").strftime("%Y-%m-%d")
    table = Table.of(pd.DataFrame({"week": list(dates), "sales": 1.0, "tv": spend}))
    mapping = ColumnMapping("week", "sales", {"tv": MediaColumn("TV")})
    findings = list(_base.CHECKS.get("MM290").run(_base.CheckInput(table, mapping)))
    assert bool(findings) is fires
