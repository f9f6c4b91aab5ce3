"""Month names and their short forms in English, German, French, Spanish, Italian, Dutch and Portuguese."""

import unicodedata

_STEMS = {
    1: ("jan", "januar", "janner", "janvier", "janv", "enero", "ene", "gennaio", "gen", "januari", "janeiro"),
    2: ("feb", "februar", "fevrier", "fevr", "fev", "febrero", "febbraio", "februari", "fevereiro"),
    3: ("mar", "march", "marz", "maerz", "mrz", "mars", "marzo", "maart", "mrt", "marco"),
    4: ("apr", "april", "avril", "avr", "abril", "abr", "aprile"),
    5: ("may", "mai", "mayo", "maggio", "mag", "mei", "maio"),
    6: ("jun", "june", "juni", "juin", "junio", "giugno", "giu", "junho"),
    7: ("jul", "july", "juli", "juillet", "juil", "julio", "luglio", "lug", "julho"),
    8: ("aug", "august", "aout", "agosto", "ago", "augustus"),
    9: ("sep", "sept", "september", "septembre", "septiembre", "settembre", "set", "setembro"),
    10: ("oct", "october", "okt", "oktober", "octobre", "octubre", "ottobre", "ott", "outubro", "out"),
    11: ("nov", "november", "novembre", "noviembre", "novembro"),
    12: ("dec", "december", "dez", "dezember", "decembre", "diciembre", "dic", "dicembre", "dezembro"),
}
_ENGLISH_LONG = {1: "january", 2: "february"}
MONTHS = {stem: month for month, stems in _STEMS.items() for stem in stems} | {v: k for k, v in _ENGLISH_LONG.items()}


def plain(text: str) -> str:
    """Lower case without accents: "Février" is "fevrier"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def month_of(word: str) -> int | None:
    """The month that a word names, 1 to 12, or None."""
    return MONTHS.get(plain(word).rstrip("."))
