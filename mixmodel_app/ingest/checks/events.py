"""Whether what happens on certain days is in the table: text that names events, public holidays."""

from collections.abc import Iterator

import pandas as pd

from mixmodel_app.domain.dataset import Frequency
from mixmodel_app.domain.findings import Severity
from mixmodel_app.ingest.checks import _offers as offer
from mixmodel_app.ingest.checks._base import CheckInput, Evidence, check, listing, words
from mixmodel_app.ingest.numbers import is_missing, parse_number
from mixmodel_app.ingest.vocabulary import Name

_MOST_TEXTS = 20
_MOST_FILLED = 0.4
_NO_EVENT = words("0 no false nein falsch non faux keine keines aucun ninguno ninguna")
_HOLIDAY = words(
    """
    holiday holidays feiertag feiertage ferie feries ferien vacances festivo festivos feriado feriados vacaciones
    bankholiday bankholidays xmas christmas weihnachten easter ostern
    """
)
_COUNTRIES = {
    "de": (("DE", "Germany"), ("AT", "Austria"), ("CH", "Switzerland")),
    "fr": (("FR", "France"), ("BE", "Belgium"), ("CA", "Canada")),
    "es": (("ES", "Spain"), ("MX", "Mexico"), ("AR", "Argentina")),
    "en": (("US", "the United States"), ("GB", "the United Kingdom"), ("DE", "Germany")),
}
_LANGUAGE = {
    "de": words("umsatz datum woche monat ausgaben kosten preis wetter feiertag bestellungen absatz"),
    "fr": words("ventes semaine mois jour depense depenses cout prix meteo chiffre commandes"),
    "es": words("ventas fecha semana gasto gastos coste precio pedidos ingresos inversion"),
}


@check("MM306", severity=Severity.SUGGESTION, title="Events not used")
def unused_events(data: CheckInput) -> Iterator[Evidence]:
    """Finds columns of text outside the mapping that look like a calendar of events: few names, on few rows.

    Why it matters: a launch or a sale moves the outcome; what the model does not know of, it may give to the channel
    that happened to run at the time.
    How to fix: turn the column into one yes/no control for each event.
    """
    used = data.mapping.columns()
    for column in data.table.columns:
        texts = event_texts(data, column) if column not in used and not _made_controls(data, column) else ()
        if texts:
            yield Evidence(
                f"{column!r} is not used and looks like a calendar of events: {listing(texts)}.",
                column=column,
                hint="Turn it into one yes/no column for each event.",
                effect="What the model does not know of, it may give to a channel.",
                fixes=offer.event_dummies(column, len(texts)),
            )


def _made_controls(data: CheckInput, column: str) -> bool:
    """Whether the fix has been taken: its controls are named after the column."""
    return any(control.startswith(f"{column}: ") for control in data.mapping.control_columns)


def event_texts(data: CheckInput, column: str) -> tuple[str, ...]:
    """The names of events in a column, most frequent first; none when the column does not look like events.

    It does when at most 20 texts that are not numbers stand on at most 40 % of the rows, the rest of which is empty, 0
    or a word for "nothing". Several events of one period are parted by ";", as the fix reads them.
    """
    cells = data.table.column(column)
    if not pd.api.types.is_object_dtype(cells.dtype) and not pd.api.types.is_string_dtype(cells.dtype):
        return ()
    counts = cells.value_counts().to_dict()
    if len(counts) > _MOST_TEXTS + len(_NO_EVENT):
        return ()
    filled = {str(text): int(count) for text, count in counts.items() if not _is_nothing(str(text))}
    if not filled or sum(filled.values()) > _MOST_FILLED * data.table.n_rows:
        return ()
    parts = [" ".join(part.split()) for text in filled for part in text.split(";")]
    events = tuple({part.casefold(): part for part in parts if not _is_nothing(part)}.values())
    if len(events) > _MOST_TEXTS or any(parse_number(event) is not None for event in events):
        return ()
    return events


def _is_nothing(text: str) -> bool:
    return is_missing(text) or text.strip().lower() in _NO_EVENT


@check("MM309", severity=Severity.SUGGESTION, title="No public holidays")
def no_holidays(data: CheckInput) -> Iterator[Evidence]:
    """Finds daily and weekly data without a control for public holidays.

    Why it matters: holidays move sales, and planners know them: spend rises before Christmas, so that a channel may be
    paid for what the season did.
    How to fix: add the holidays of the country that the data are from, here or in the settings of the run.
    """
    if data.frequency not in (Frequency.DAILY, Frequency.WEEKLY) or not data.mapping.media_columns:
        return
    if any(set(Name.of(column).words) & _HOLIDAY for column in data.mapping.control_columns):
        return
    yield Evidence(
        "No control says when public holidays are.",
        hint="Add those of your country; the settings of a run can do it too, so once is enough.",
        effect="Sales around holidays may be given to the channels that ran at the time.",
        fixes=tuple(fix for code, name in _COUNTRIES[_language(data)] for fix in offer.add_holidays(data, code, name)),
    )


def _language(data: CheckInput) -> str:
    """The language of the column names; it only orders offers between which a person chooses."""
    words = {word for column in data.table.columns for word in Name.of(column).words}
    found = {language: len(words & known) for language, known in _LANGUAGE.items()}
    best = max(found, key=lambda language: found[language])
    return best if found[best] else "en"


@check("MM302", severity=Severity.SUGGESTION, title="No other drivers")
def no_controls(data: CheckInput) -> Iterator[Evidence]:
    """Finds a mapping without controls.

    Why it matters: price, promotions, holidays and competitors move sales too; what the model does not know of, it
    may give to a channel.
    How to fix: add a column for each important driver.
    """
    if not data.mapping.control_columns:
        yield Evidence(
            "No column is marked as another driver (control).",
            hint="Add columns for price, promotions, holidays, weather or competitors.",
            effect="What the model does not know of, it may give to a channel.",
        )
