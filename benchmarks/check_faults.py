"""The faults that `benchmarks/checks.py` plants in clean tables: one function for each."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from benchmarks.check_tables import Case, at, channel, clean, largest, somewhere
from mixmodel_app.domain.dataset import MediaColumn, SpendType
from mixmodel_app.ingest.table import Table


@dataclass(frozen=True, slots=True)
class Fault:
    """The code of the check that should speak, and how to plant the fault in the table of a seed."""

    code: str
    plant: Callable[[int], Case]


FAULTS: dict[str, Fault] = {}


def fault(name: str, code: str) -> Callable[[Callable[[Case, np.random.Generator], Case]], None]:
    """Register a function from a clean table to one with a fault."""

    def add(change: Callable[[Case, np.random.Generator], Case]) -> None:
        FAULTS[name] = Fault(code, lambda seed: change(clean("matched", seed), np.random.default_rng([99, seed])))

    return add


@fault("a date is repeated", "MM103")
def _(case: Case, rng: np.random.Generator) -> Case:
    place = somewhere(case, rng)[0]
    return replace(case, frame=pd.concat([case.frame, case.frame.iloc[[place]]], ignore_index=True))


@fault("text in a spend column", "MM104")
def _(case: Case, rng: np.random.Generator) -> Case:
    column = channel(case, rng)
    return case.put(column, at(case.frame[column], somewhere(case, rng), "tbc"))


@fault("five empty spend cells", "MM210")
def _(case: Case, rng: np.random.Generator) -> Case:
    column = channel(case, rng)
    return case.put(column, at(case.frame[column], somewhere(case, rng, 5), np.nan))


@fault("two weeks are missing", "MM203")
def _(case: Case, rng: np.random.Generator) -> Case:
    return replace(case, frame=case.frame.drop(index=somewhere(case, rng, 2)).reset_index(drop=True))


@fault("a spend times 30", "MM204")
def _(case: Case, rng: np.random.Generator) -> Case:
    column = channel(case, rng)
    return case.put(column, at(case.frame[column], somewhere(case, rng), 30 * float(case.frame[column].max())))


@fault("a spend with a digit too many", "MM204")
def _(case: Case, rng: np.random.Generator) -> Case:
    column = channel(case, rng)
    place = rng.choice(np.flatnonzero(case.frame[column] > 0), 1)
    return case.put(column, at(case.frame[column], place, 10 * float(case.frame[column].iloc[place[0]])))


@fault("flat spend (± 3 %)", "MM202")
def _(case: Case, rng: np.random.Generator) -> Case:
    column = channel(case, rng)
    return case.put(column, (1000 * rng.normal(1, 0.03, len(case.frame))).round())


@fault("flat spend with two bursts", "MM217")
def _(case: Case, rng: np.random.Generator) -> Case:
    column, values = channel(case, rng), (1000 * rng.normal(1, 0.03, len(case.frame))).round()
    values[somewhere(case, rng, 2)] *= 4
    return case.put(column, values)


@fault("two channels, correlation 0.95", "MM205")
def _(case: Case, rng: np.random.Generator) -> Case:
    first, second = largest(case)[:2]
    base = case.frame[first].to_numpy(dtype=float)
    mixed = base + 0.33 * base.std() * rng.standard_normal(len(base))
    return replace(case.put(second, np.maximum(mixed, 0).round()), column=None)


@fault("two channels, correlation 0.85", "MM307")
def _(case: Case, rng: np.random.Generator) -> Case:
    case = case.put(largest(case)[0], np.round(rng.gamma(9, 1000, len(case.frame))))
    base = case.frame[case.column].to_numpy(dtype=float)
    mixed = base + 0.6 * base.std() * rng.standard_normal(len(base))
    return replace(case.put(largest(case)[1], mixed.round()), column=None)


@fault("a channel is the sum of three others", "MM219")
def _(case: Case, rng: np.random.Generator) -> Case:
    target, *others = largest(case)[:4]
    added = case.frame[others].sum(axis=1) * rng.normal(1, 0.05, len(case.frame))
    return replace(case.put(target, added.round()), column=None)


@fault("a channel with 0.5 % of spend", "MM206")
def _(case: Case, rng: np.random.Generator) -> Case:
    column = largest(case)[-1]
    every = float(case.frame[list(case.mapping.media_columns)].sum().sum())
    values = case.frame[column] * (0.005 * every / float(case.frame[column].sum()))
    return case.put(column, values.round(1))


@fault("on in 5 weeks", "MM213")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _on_in(case, rng, 5)


@fault("on in 15 weeks", "MM218")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _on_in(case, rng, 15)


def _on_in(case: Case, rng: np.random.Generator, weeks: int) -> Case:
    values = np.zeros(len(case.frame))
    places = somewhere(case, rng, weeks)
    values[places] = rng.gamma(9, 1000, weeks).round()
    return case.put(channel(case, rng), values)


@fault("52 weeks for all columns", "MM207")
def _(case: Case, rng: np.random.Generator) -> Case:
    return replace(case, frame=case.frame.head(52))


@fault("18 months of history", "MM216")
def _(case: Case, rng: np.random.Generator) -> Case:
    return replace(case, frame=case.frame.head(78))


@fault("outcome + 40 % in one week", "MM220")
def _(case: Case, rng: np.random.Generator) -> Case:
    place = somewhere(case, rng)
    return case.put("revenue", at(case.frame["revenue"], place, 1.4 * float(case.frame["revenue"].iloc[place[0]])))


@fault("outcome + 25 % in one week", "MM220")
def _(case: Case, rng: np.random.Generator) -> Case:
    place = somewhere(case, rng)
    return case.put("revenue", at(case.frame["revenue"], place, 1.25 * float(case.frame["revenue"].iloc[place[0]])))


@fault("outcome halved in one week", "MM220")
def _(case: Case, rng: np.random.Generator) -> Case:
    place = somewhere(case, rng)
    return case.put("revenue", at(case.frame["revenue"], place, 0.5 * float(case.frame["revenue"].iloc[place[0]])))


@fault("outcome on another level (+ 25 %)", "MM221")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _step(case, rng, 1.25)


@fault("outcome on another level (− 40 %)", "MM221")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _step(case, rng, 0.6)


def _step(case: Case, rng: np.random.Generator, factor: float) -> Case:
    place = int(rng.integers(20, len(case.frame) - 20))
    return case.put("revenue", case.frame["revenue"] * np.where(np.arange(len(case.frame)) >= place, factor, 1.0))


@fault("orders as a control", "MM222")
def _(case: Case, rng: np.random.Generator) -> Case:
    orders = (case.frame["revenue"] / 80 * rng.normal(1, 0.001, len(case.frame))).round()
    mapping = replace(case.mapping, control_columns=(*case.mapping.control_columns, "orders"))
    return replace(case.put("orders", orders), mapping=mapping)


@fault("revenue by shop as controls", "MM222")
def _(case: Case, rng: np.random.Generator) -> Case:
    share = rng.uniform(0.2, 0.8, len(case.frame))
    online = (case.frame["revenue"] * share).round()
    frame = case.frame.assign(online=online, shops=case.frame["revenue"] - online)
    mapping = replace(case.mapping, control_columns=(*case.mapping.control_columns, "online", "shops"))
    return replace(case, frame=frame, mapping=mapping)


@fault("budget set by the last two weeks' sales", "MM223")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _follows_sales(case, rng, 0.03)


@fault("the same, ± 10 %", "MM223")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _follows_sales(case, rng, 0.1)


@fault("the same, ± 20 %", "MM223")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _follows_sales(case, rng, 0.2)


def _follows_sales(case: Case, rng: np.random.Generator, noise: float) -> Case:
    sales = case.frame["revenue"]
    before = sales.rolling(2, min_periods=1).mean().shift(1).bfill()
    return case.put(channel(case, rng), (0.05 * before * rng.normal(1, noise, len(sales))).round())


@fault("impressions missing in two weeks", "MM224")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _with_impressions(case, rng, 0.0)


@fault("impressions in thousands in two weeks", "MM225")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _with_impressions(case, rng, 0.001)


def _with_impressions(case: Case, rng: np.random.Generator, factor: float) -> Case:
    spend = largest(case)[0]
    shown = case.frame[spend].to_numpy(dtype=float) * 120 * np.exp(0.15 * rng.standard_normal(len(case.frame)))
    on = np.flatnonzero(shown > 0)
    shown[rng.choice(on, 2, replace=False)] *= factor
    media = {("shown" if c == spend else c): entry for c, entry in case.mapping.media_columns.items()}
    media["shown"] = MediaColumn(media["shown"].channel_name, SpendType.IMPRESSIONS, spend)
    return replace(case.put("shown", shown.round()), mapping=replace(case.mapping, media_columns=media))


@fault("four weeks of plan", "MM214")
def _(case: Case, rng: np.random.Generator) -> Case:
    end = pd.Timestamp.today().normalize() + pd.Timedelta(weeks=4)
    dates = pd.date_range(end=end, periods=len(case.frame), freq="7D")
    return replace(case, frame=case.frame.assign(week=dates.strftime("%Y-%m-%d")))


@fault("the last week has three days", "MM215")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _cut_short(case, 3)


@fault("the last week has five days", "MM215")
def _(case: Case, rng: np.random.Generator) -> Case:
    return _cut_short(case, 5)


def _cut_short(case: Case, days: int) -> Case:
    frame, columns = case.frame.copy(), ["revenue", *case.mapping.media_columns]
    last = np.where(np.arange(len(frame)) == len(frame) - 1, days / 7, 1.0)
    return replace(case, frame=frame.assign(**{column: (frame[column] * last).round() for column in columns}))


@fault("figures of six weeks restated", "MM226")
def _(case: Case, rng: np.random.Generator) -> Case:
    previous = Table.of(case.frame.head(len(case.frame) - 4))
    column = largest(case)[0]
    factor = np.ones(len(case.frame))
    factor[len(factor) - 10 : len(factor) - 4] = 1.07
    restated = np.where(factor > 1, case.frame[column] * factor + 1, case.frame[column])
    return replace(case.put(column, restated), previous=previous)


@fault("a column of event names, not mapped", "MM306")
def _(case: Case, rng: np.random.Generator) -> Case:
    names = np.full(len(case.frame), "na", dtype=object)
    places = somewhere(case, rng, 6)
    names[places[:3]], names[places[3:]] = "launch", "summer sale"
    return case.put("happenings", names)


@fault("outcome grows by 80 %", "MM310")
def _(case: Case, rng: np.random.Generator) -> Case:
    return case.put("revenue", case.frame["revenue"] * np.linspace(0.7, 1.26, len(case.frame)))


@fault("no holidays", "MM309")
def _(case: Case, rng: np.random.Generator) -> Case:
    kept = tuple(column for column in case.mapping.control_columns if column != "holidays")
    return replace(case, mapping=replace(case.mapping, control_columns=kept))
