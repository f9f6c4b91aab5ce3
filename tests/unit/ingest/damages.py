"""Machine-made damage of the public layouts: what programs, countries and people do to a table on its way."""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mixmodel_app.ingest.dates import parse_dates
from mixmodel_app.ingest.table import Table
from tests.unit.ingest.dialects import Dialect
from tests.unit.ingest.public_layouts import PublicLayout


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file and the table that it must be read as."""

    name: str
    raw: bytes
    truth: PublicLayout


type Damage = Callable[[PublicLayout, random.Random], Damaged]


def written(layout: PublicLayout, dialect: Dialect) -> bytes:
    return dialect.write(layout.frame, layout.date)


def _dialect(**how: object) -> Damage:
    return lambda layout, _: Damaged("a.csv", written(layout, replace(Dialect(), **how)), layout)


def workbook(layout: PublicLayout, _: random.Random) -> Damaged:
    buffer = io.BytesIO()
    frame = layout.frame.assign(**{layout.date: pd.to_datetime(layout.frame[layout.date])})
    frame.to_excel(buffer, index=False, startrow=2)
    return Damaged("a.xlsx", buffer.getvalue(), layout)


def shuffled(layout: PublicLayout, rng: random.Random) -> Damaged:
    rows = list(range(len(layout.frame)))
    rng.shuffle(rows)
    return Damaged("a.csv", layout.frame.iloc[rows].to_csv(index=False).encode(), layout)


def missing_weeks(layout: PublicLayout, rng: random.Random) -> Damaged:
    gone = set(rng.sample(layout.wide[layout.date].tolist()[1:-1], 4))
    frame = layout.frame[~layout.frame[layout.date].isin(gone)]
    wide = layout.wide[~layout.wide[layout.date].isin(gone)].reset_index(drop=True)
    return Damaged("a.csv", frame.to_csv(index=False).encode(), replace(layout, wide=wide))


def totals(layout: PublicLayout, rng: random.Random) -> Damaged:
    label = rng.choice(["Total", "Summe", "Grand Total", "Total général", "Gesamt:"])
    sums = layout.frame.sum(numeric_only=True)
    first = [label, *[""] * len(layout.frame.columns)][: len(layout.frame.columns)]
    row = [
        f"{sums[name]:.2f}" if name in sums and place else first[place]
        for place, name in enumerate(layout.frame.columns)
    ]
    raw = layout.frame.to_csv(index=False) + ",".join(row) + "\n"
    return Damaged("a.csv", raw.encode(), layout)


WORDS = {
    "English": ("date", "revenue", "{} spend", ("temperature", "holiday", "price", "promo", "competitor sales")),
    "German": ("Datum", "Umsatz", "{} Ausgaben", ("Temperatur", "Feiertage", "Preis", "Aktion", "Wettbewerb")),
    "French": (
        "semaine",
        "chiffre d'affaires",
        "dépenses {}",
        ("météo", "vacances", "prix", "promotion", "concurrence"),
    ),
    "Spanish": ("fecha", "ventas", "gasto {}", ("clima", "festivo", "precio", "descuento", "competencia")),
}
CHANNELS = ("tv", "radio", "meta", "search", "print", "tiktok", "youtube")


def renamed(language: str) -> Damage:
    date, target, spend, controls = WORDS[language]

    def damage(layout: PublicLayout, _: random.Random) -> Damaged:
        names = {layout.date: date, layout.target: target}
        names |= {old: spend.format(channel) for old, channel in zip(layout.media, CHANNELS, strict=False)}
        names |= dict(zip(layout.controls, controls, strict=False))
        used = [layout.date, layout.target, *layout.media, *layout.controls]
        frame = layout.wide[used].rename(columns=names)
        truth = PublicLayout(
            layout.name, frame, date, target, tuple(names[c] for c in layout.media),
            tuple(names[c] for c in layout.controls), frame,
        )  # fmt: skip
        return Damaged("a.csv", frame.to_csv(index=False).encode(), truth)

    return damage


def _text(layout: PublicLayout, lines: list[str]) -> Damaged:
    return Damaged("a.csv", ("\n".join(lines) + "\n").encode(), layout)


def _lines(layout: PublicLayout) -> list[str]:
    return layout.frame.to_csv(index=False).splitlines()


def repeated_header(layout: PublicLayout, rng: random.Random) -> Damaged:
    lines = _lines(layout)
    lines.insert(rng.randrange(2, len(lines)), lines[0])
    return _text(layout, lines)


def remark_inside(layout: PublicLayout, rng: random.Random) -> Damaged:
    lines = _lines(layout)
    place = layout.frame.columns.get_loc(layout.date)
    cells = ["" if column != place else "new agency" for column in range(len(layout.frame.columns))]
    lines.insert(rng.randrange(2, len(lines)), ",".join(cells))
    return _text(layout, lines)


def empty_columns(layout: PublicLayout, _: random.Random) -> Damaged:
    return _text(layout, [line + ",,," for line in _lines(layout)])


def sums_first(layout: PublicLayout, _: random.Random) -> Damaged:
    sums = layout.frame.sum(numeric_only=True)
    row = [repr(float(sums[name])) if name in sums else "" for name in layout.frame.columns]
    lines = _lines(layout)
    return _text(layout, [lines[0], ",".join(row), *lines[1:]])


def dates_as(write: Callable[[pd.Timestamp], str]) -> Damage:
    """Each date written by a function; quoted, as some hold commas."""

    def damage(layout: PublicLayout, _: random.Random) -> Damaged:
        days = [write(day) for day in pd.to_datetime(layout.frame[layout.date])]
        return Damaged("a.csv", layout.frame.assign(**{layout.date: days}).to_csv(index=False).encode(), layout)

    return damage


def exchanged(layout: PublicLayout, _: random.Random) -> Damaged:
    """Day first, opened where the month is first: real dates with both exchanged up to the 12th, text from the 13th."""
    return dates_as(lambda day: f"{day:%Y-%d-%m}" if day.day <= 12 else f"{day:%d/%m/%Y}")(layout, random.Random(0))


def some_exchanged(layout: PublicLayout, rng: random.Random) -> Damaged:
    """Day and month exchanged in a few of the dates that allow it."""
    days = [day for day in pd.to_datetime(layout.wide[layout.date]) if day.day <= 12 and day.day != day.month]
    chosen = set(rng.sample(days, 5))
    return dates_as(lambda day: f"{day:%Y-%d-%m}" if day in chosen else f"{day:%Y-%m-%d}")(layout, rng)


def mixed_dates(layout: PublicLayout, rng: random.Random) -> Damaged:
    formats = ("%Y-%m-%d", "%d %b %Y", "%B %d, %Y", "%Y/%m/%d")
    return dates_as(lambda day: day.strftime(rng.choice(formats)))(layout, rng)


def in_months(names: str) -> Callable[[pd.Timestamp], str]:
    months = names.split()
    return lambda day: f"{day.day} {months[day.month - 1]} {day.year}"


def to_the_week_end(day: pd.Timestamp, how: str = "%d.%m.%Y", between: str = " - ") -> str:
    return f"{day.strftime(how)}{between}{(day + pd.Timedelta(days=6)).strftime(how)}"


def whole(**how: object) -> Damage:
    """Everything a hundredfold, in whole numbers with groups of three: nothing in the file shows the decimal sign."""

    def damage(layout: PublicLayout, _: random.Random) -> Damaged:
        dialect = replace(Dialect(), **how)
        numbers = list(layout.frame.select_dtypes("number"))
        grouped = layout.frame.assign(
            **{
                name: [f"{100 * cell:,.0f}".replace(",", dialect.thousands) for cell in layout.frame[name]]
                for name in numbers
            }
        )
        wide = layout.wide.assign(**{name: 100 * layout.wide[name] for name in layout.wide.select_dtypes("number")})
        return Damaged("a.csv", dialect.write(grouped, layout.date), replace(layout, wide=wide))

    return damage


def units_below(layout: PublicLayout, _: random.Random) -> Damaged:
    lines = _lines(layout)
    units = ["" if name == layout.date else "EUR" for name in layout.frame.columns]
    return _text(layout, [lines[0], ",".join(units), *lines[1:]])


def combined(layout: PublicLayout, rng: random.Random) -> Damaged:
    """Any dialect, with rows shuffled, weeks gone, a total, the header again and lines around it, each by chance."""
    decimal = rng.choice(".,")
    frame, wide = layout.frame, layout.wide
    if rng.random() < 0.5:
        gone = set(rng.sample(wide[layout.date].tolist()[1:-1], 3))
        frame = frame[~frame[layout.date].isin(gone)]
        wide = wide[~wide[layout.date].isin(gone)].reset_index(drop=True)
    if rng.random() < 0.5:
        frame = frame.sample(frac=1, random_state=rng.randrange(1000))
    dialect = Dialect(
        delimiter=rng.choice(";\t|" if decimal == "," else ",;\t|"),
        decimal=decimal,
        thousands=rng.choice(["", "\u00a0", "'", "," if decimal == "." else "."]),
        date=rng.choice(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d %b %Y", "%G-W%V", "%d-%m-%y", "%Y/%m/%d"]),
        encoding=rng.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
        end=rng.choice(["\n", "\r\n"]),
        quoted=rng.random() < 0.3,
        above=rng.choice([(), ("Report",), ("# export", ""), ("Account: A", "Period: 2022")]),
    )
    text = dialect.write(frame, layout.date).decode(dialect.encoding)
    lines = text.splitlines()
    header = len(dialect.above)
    if rng.random() < 0.3:
        lines.insert(rng.randrange(header + 2, len(lines)), lines[header])
    if rng.random() < 0.5:
        total = pd.DataFrame(
            [{name: frame[name].sum() for name in frame.select_dtypes("number")}], columns=frame.columns
        )
        row = dialect.write(total.assign(**{layout.date: "2030-01-01"}), layout.date).decode(dialect.encoding)
        cells = row.splitlines()[header + 1].replace("nan", "").split(dialect.delimiter)
        cells[list(frame.columns).index(layout.date)] = rng.choice(["", "Total", "Summe"])
        lines.append(dialect.delimiter.join(cells))
    raw = (dialect.end.join(lines) + dialect.end).encode(dialect.encoding)
    return Damaged("a.csv", raw, replace(layout, wide=wide))


DAMAGES: dict[str, Damage] = {
    "none": _dialect(),
    "German Excel": _dialect(delimiter=";", decimal=",", thousands=".", date="%d.%m.%Y", encoding="cp1252", end="\r\n"),
    "French spaces": _dialect(delimiter=";", decimal=",", thousands="\u202f", date="%d/%m/%Y"),
    "US quotes": _dialect(thousands=",", date="%m/%d/%Y", quoted=True),
    "UTF-16 tabs": _dialect(delimiter="\t", encoding="utf-16"),
    "day first": _dialect(date="%d/%m/%y"),
    "month first": _dialect(date="%m/%d/%y"),
    "month names": _dialect(date="%b %d, %Y"),
    "ISO weeks": _dialect(date="%G-W%V"),
    "title above": _dialect(above=("Media report", "Period,2022", "")),
    "comments": _dialect(above=("# made by a script", "# EUR"), below=("Source: warehouse",)),
    "workbook": workbook,
    "shuffled": shuffled,
    "missing weeks": missing_weeks,
    "totals": totals,
    **{language: renamed(language) for language in WORDS},
    "UTF-16 unmarked": _dialect(encoding="utf-16-le"),
    "CP1252 semicolons": _dialect(delimiter=";", encoding="cp1252", above=("Überblick",)),
    "Swiss": _dialect(delimiter=";", thousands="’", date="%d.%m.%y"),
    "yyyymmdd": _dialect(date="%Y%m%d"),
    "time of day": _dialect(date="%Y-%m-%d 00:00:00"),
    "year/week": _dialect(date="%G/%V"),
    "week.year": _dialect(date="%V.%G"),
    "KW week/year": _dialect(delimiter=";", decimal=",", date="KW %V/%G"),
    "W05-24": _dialect(date="W%V-%y"),
    "w/c": _dialect(date="w/c %d %b %Y"),
    "German ranges": dates_as(to_the_week_end),
    "ranges in words": dates_as(lambda day: to_the_week_end(day, "%b %d, %Y", " – ")),
    "French months": dates_as(in_months("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.")),
    "German months": dates_as(in_months("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.")),
    "Spanish months": dates_as(in_months("ene feb mar abr may jun jul ago sep oct nov dic")),
    "mixed dates": mixed_dates,
    "day and month exchanged": exchanged,
    "exchanged, all as dates": dates_as(lambda day: f"{day:%Y-%d-%m}" if day.day <= 12 else f"{day:%Y-%m-%d}"),
    "some exchanged": some_exchanged,
    "two-digit year first": _dialect(date="%y-%m-%d"),
    "year-day-month": _dialect(date="%Y-%d-%m"),
    "whole, points": whole(delimiter=";", thousands="."),
    "whole, commas": whole(thousands=","),
    "header again": repeated_header,
    "remark inside": remark_inside,
    "empty columns": empty_columns,
    "sums first": sums_first,
    "units below": units_below,
    **{f"combined {number}": combined for number in range(1, 11)},
}


def different(table: Table, truth: PublicLayout) -> list[str]:
    """Columns whose numbers or dates are not those of the undamaged table, in order of the dates."""
    if truth.date not in table.columns:
        return [truth.date]
    days, wanted = (parse_dates(frame[truth.date]).values for frame in (table.frame, truth.wide))
    if list(days.sort_values()) != list(wanted.sort_values()):
        return [truth.date]
    order, right = days.argsort(), wanted.argsort()
    return [name for name in truth.wide.columns if name != truth.date and not _equal(table, truth, name, order, right)]


def _equal(table: Table, truth: PublicLayout, name: str, order: np.ndarray, right: np.ndarray) -> bool:
    if name not in table.columns or not pd.api.types.is_numeric_dtype(table.column(name).dtype):
        return False
    return np.allclose(table.column(name).to_numpy()[order], truth.wide[name].to_numpy()[right], rtol=1e-3, atol=0.011)
