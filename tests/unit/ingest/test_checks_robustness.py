"""Whatever a table holds, the report and the answer before a fit are made without an exception or a warning of numpy,
they are JSON, and every fix that is offered is taken by the code that applies fixes."""

import json
import warnings
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mixmodel_app.domain.dataset import ColumnMapping, MediaColumn, SpendType
from mixmodel_app.ingest.answerability import answerability
from mixmodel_app.ingest.repair import apply_fix
from mixmodel_app.ingest.report import validate
from mixmodel_app.ingest.table import Table

MAPPING = ColumnMapping(
    "date",
    "sales",
    {"tv": MediaColumn("TV"), "views": MediaColumn("Video", SpendType.IMPRESSIONS, "cost"), "radio": MediaColumn("R")},
    ("price", "event"),
)
ALONE = ColumnMapping("date", "sales", {"tv": MediaColumn("TV")})
GONE = ColumnMapping("date", "sales", {"tv": MediaColumn("TV"), "gone": MediaColumn("Gone")}, ("lost", "price"))
NO_DATE = ColumnMapping("day", "income", {"tv": MediaColumn("TV")})
COLUMNS = ("sales", "tv", "views", "cost", "radio", "price", "event", "other")
ROWS = (0, 1, 2, 3, 8, 26, 27, 40, 60, 120)
WORDS = np.array([None, "launch", "sale; launch", "no", "=1+1", "n/a"], dtype=object)
DATES = ("weeks", "days", "months", "years", "shuffled", "twice", "same", "empty", "text", "far", "swapped", "gaps")
VALUES = (
    "noise", "zero", "one", "huge", "tiny", "signed", "negative", "holes", "empty", "words", "mixed", "single", "step",
    "copy", "line",
)  # fmt: skip


def dates_like(kind: str, rows: int, rng: np.random.Generator) -> pd.Series:
    steps = {"days": "D", "months": "MS", "years": "YS", "far": "7D"}
    begin = "2200-01-01" if kind == "far" else "2016-01-04"
    days = pd.Series(pd.date_range(begin, periods=rows, freq=steps.get(kind, "7D")).strftime("%Y-%m-%d"), dtype=object)
    if kind == "shuffled":
        days = pd.Series(rng.permutation(days.tolist()), dtype=object)
    elif kind == "twice":
        days = pd.Series(np.where(rng.random(rows) < 0.3, days.shift(1).bfill(), days), dtype=object)
    elif kind == "gaps":
        days = pd.Series(pd.date_range(begin, periods=3 * rows + 1, freq="7D").strftime("%Y-%m-%d"), dtype=object)
        days = days.sample(rows, random_state=1).reset_index(drop=True)
    elif kind in ("same", "empty", "text"):
        days[:] = {"same": "2024-01-01", "empty": None, "text": "soon"}[kind]
    elif kind == "swapped":
        days = pd.Series([f"{1 + i % 12:02d}/{1 + i // 12 % 12:02d}/{2010 + i // 144}" for i in range(rows)])
    return days.astype(object)


def values_like(kind: str, rows: int, rng: np.random.Generator) -> pd.Series:
    noise = rng.gamma(2.0, 50.0, rows).round(1)
    cells: dict[str, Any] = {
        "noise": noise,
        "zero": 0.0,
        "one": 1.0,
        "huge": noise * 1e300,
        "tiny": noise * 1e-300,
        "signed": noise - 100,
        "negative": -noise - 1,
        "holes": np.where(rng.random(rows) < 0.4, np.nan, noise),
        "empty": np.nan,
        "single": (np.arange(rows) == rows // 2) * 7.0,
        "step": 100.0 + 50 * (np.arange(rows) > rows // 2),
        "copy": 10 + np.sin(np.arange(rows)),
        "line": np.arange(rows, dtype=float),
    }
    if kind == "words":
        return pd.Series(WORDS[rng.integers(0, len(WORDS), rows)], dtype=object)
    if kind == "mixed":
        return pd.Series([str(value) if i % 5 else "?" for i, value in enumerate(noise)], dtype=object)
    return pd.Series(np.broadcast_to(cells[kind], rows).astype(float))


def table_of(rows: int, dates: str, kinds: list[str], seed: int) -> Table:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"date": dates_like(dates, rows, rng)})
    for column, kind in zip(COLUMNS, kinds, strict=True):
        frame[column] = values_like(kind, rows, rng).astype(object if kind in ("words", "mixed") else float)
    return Table.of(frame)


def report(table: Table, mapping: ColumnMapping, previous: Table | None) -> Any:
    """The report with every warning of Python as an exception, after it was written as strict JSON."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = validate(table, mapping, previous)
        answer = answerability(table, mapping)
    json.dumps(found.to_json(), allow_nan=False)
    json.dumps(answer and answer.to_json(), allow_nan=False)
    return found


@settings(max_examples=150, deadline=None)
@given(
    rows=st.sampled_from(ROWS),
    dates=st.sampled_from(DATES),
    kinds=st.lists(st.sampled_from(VALUES), min_size=len(COLUMNS), max_size=len(COLUMNS)),
    seed=st.integers(0, 3),
    mapping=st.sampled_from([MAPPING, MAPPING, ALONE, GONE, NO_DATE]),
)
@example(rows=0, dates="weeks", kinds=["noise"] * 8, seed=0, mapping=MAPPING)
@example(rows=1, dates="weeks", kinds=["noise"] * 8, seed=0, mapping=MAPPING)
@example(rows=60, dates="weeks", kinds=["huge"] * 8, seed=0, mapping=MAPPING)
@example(rows=60, dates="weeks", kinds=["copy"] * 8, seed=0, mapping=MAPPING)
def test_any_table_gets_a_report_and_every_offer_is_taken(
    rows: int, dates: str, kinds: list[str], seed: int, mapping: ColumnMapping
) -> None:
    table, previous = table_of(rows, dates, kinds, seed), table_of(rows, dates, kinds, seed + 1)
    for finding in report(table, mapping, previous).findings:
        for fix in finding.fixes if mapping in (MAPPING, ALONE) else ():
            done = apply_fix(table, mapping, fix.kind, fix.arguments)
            assert not done.change.is_nothing, (finding.code, fix)
