"""A quick fit of a public data set: 208 weeks of e-commerce whose true returns nobody knows."""

from pathlib import Path

import pandas as pd
import pytest

from mixmodel_app.domain.dataset import ColumnMapping, Frequency, MediaColumn
from mixmodel_app.domain.results import HealthStatus
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine

PUBLIC = Path(__file__).parents[4] / "shared" / "data" / "robyn_weekly.csv"

pytestmark = [
    pytest.mark.fit,
    pytest.mark.skipif(not PUBLIC.exists(), reason="the public data set lies outside the project and is not here"),
]


def test_a_quick_fit_converges_and_explains_the_revenue() -> None:
    channels = {f"{name}_S": MediaColumn(name) for name in ("tv", "ooh", "print", "facebook", "search")}
    mapping = ColumnMapping("DATE", "revenue", channels, ("competitor_sales_B",))
    engine = create_engine(RunConfig.from_json({"mode": "quick", "random_seed": 1}))
    data = engine.prepare_data(pd.read_csv(PUBLIC), mapping)
    engine.fit(data)
    results = engine.extract_results().results
    assert data.frequency is Frequency.WEEKLY
    assert max(parameter.rhat for parameter in results.parameters) < 1.01
    assert results.divergences == 0
    assert results.fit.r2 > 0.85
    assert results.verdict is not HealthStatus.DO_NOT_USE
