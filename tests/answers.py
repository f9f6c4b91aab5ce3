"""What data can tell, for tests of charts and exports: the real judgement of a small table."""

import numpy as np
import pandas as pd

from mixmodel_app.domain.answerability import Answerability
from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.ingest.answerability import answerability
from mixmodel_app.ingest.table import Table


def make_answers(results: ModelResults) -> Answerability:
    """What the data behind some results could tell: the real judgement of a table with the same dates and channels."""
    rng = np.random.default_rng(5)
    fit, names = results.fit, [f"column {index}" for index in range(len(results.channels))]
    spend = {name: rng.gamma(2, 50, len(fit.dates)) for name in names}
    frame = pd.DataFrame({"date": fit.dates, "outcome": fit.actual} | spend)
    media = {n: MediaColumn(channel.name) for n, channel in zip(names, results.channels, strict=True)}
    found = answerability(Table.of(frame), ColumnMapping("date", "outcome", media))
    assert found is not None
    return found
