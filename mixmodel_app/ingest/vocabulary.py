"""The words in column names that tell a column's role, in English, German, French and Spanish, without accents."""

import re
from dataclasses import dataclass

from mixmodel_app.domain.dataset import SpendType
from mixmodel_app.ingest.month_names import plain


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DATE = _words(
    """
    date dates day week weeks month period periods time ds dt timestamp datum tag woche kw monat zeitraum jour
    semaine mois periode fecha dia semana mes periodo
    """
)
CALENDAR = _words(
    """
    dayofyear dayofweek weekday weeknumber weekofyear monthofyear quarter year is_weekend t index idx id row
    trend
    """
)
TARGET = {
    word: rank
    for rank, words in enumerate(
        (
            "revenue revenues umsatz erlos einnahmen ingresos turnover gmv",
            "sales verkaufe absatz ventes ventas ca chiffre",
            "conversions conversion konversionen conversiones",
            "orders order bestellungen commandes pedidos purchases transactions bookings buchungen units",
            "kpi target outcome response y subscriptions signups registrations leads installs customers",
        )
    )
    for word in words.split()
}
EXPOSURE = {
    SpendType.IMPRESSIONS: _words(
        """
    impression impressions impr imps imp impressionen impresiones views grp grps trp trps reach einblendungen
    """
    ),
    SpendType.CLICKS: _words("click clicks clics klick klicks clicos visits"),
}
SPEND = _words(
    """
    spend spends spending adspend cost costs investment invest budget expenditure ausgaben kosten werbekosten
    werbeausgaben depense depenses cout couts gasto gastos coste costes costo inversion investissement
    """
)
CONTROL = _words(
    """
    temperature temp weather wetter temperatur meteo rain rainfall precipitation sunshine snow humidity holiday
    holidays feiertag feiertage ferien vacances festivo vacaciones competitor competitors competition wettbewerb
    wettbewerber konkurrenz concurrent concurrence competencia price prices pricing preis preise prix precio
    precios promotion promotions promo promos discount discounts rabatt aktion event events christmas easter
    blackfriday covid lockdown gqv unemployment inflation cpi gdp confidence season seasonality stock inventory
    distribution stores temperatura clima query queries trends volume
    """
)
RIVAL = _words(
    """
    competitor competitors competition wettbewerb wettbewerber konkurrenz concurrent concurrence competencia
    rival
    """
)
RATE = _words("per cpm cpc cpa cpv ctr cvr roas roi rate ratio share avg average mean pct percent pro par por")
TOTAL = _words("total totals sum gesamt summe overall all")
ORGANIC = _words("organic organisch earned owned unpaid")
CHANNELS = _words(
    """
    tv ctv ott radio audio podcast print newspaper newspapers magazine magazines ooh dooh outdoor billboard
    cinema search sem ppc google bing facebook fb meta instagram ig tiktok youtube yt snapchat snap pinterest
    linkedin twitter x display programmatic affiliate affiliates influencer influencers video social amazon
    criteo shopping pmax dsp retargeting zeitung kino plakat
    """
) - {"x"}

_UPPER = _words(
    """
    tv ctv ott ooh dooh sem seo ppc crm pr dsp pos vod svod bvod avod uk us usa eu dm b2b b2c fb ig yt rtb grp
    sms ugc gdn dv360 p4p
    """
)
_BRANDS = {
    "youtube": "YouTube", "tiktok": "TikTok", "linkedin": "LinkedIn", "pmax": "PMax", "whatsapp": "WhatsApp",
    "adwords": "AdWords", "doubleclick": "DoubleClick",
}  # fmt: skip
_BOUNDARY = re.compile(r"[^0-9A-Za-zÀ-ÖØ-öø-ÿ]+|(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
_COMPOUND = re.compile(
    r"(.+?)(ausgaben|kosten|spend|spending|cost|costs|budget|impressions|impressionen|clicks|klicks)"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A column name taken apart: `parts` as written, `words` in lower case without accents, in the same order."""

    parts: tuple[str, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, column: str) -> "Name":
        parts = [part for part in _BOUNDARY.split(column.lstrip("'")) if part]
        split = [piece for part in parts for piece in _pieces(part)]
        return cls(tuple(split), tuple(plain(part) for part in split))

    @property
    def joined(self) -> str:
        return "".join(self.words)

    def first_of(self, vocabulary: frozenset[str] | dict[str, int]) -> str | None:
        """The part, as written, of the first word that the vocabulary has."""
        return next((part for part, word in zip(self.parts, self.words, strict=True) if word in vocabulary), None)

    def without(self, *positions: int) -> "Name":
        kept = [index for index in range(len(self.parts)) if index not in positions]
        return Name(tuple(self.parts[i] for i in kept), tuple(self.words[i] for i in kept))


def _pieces(part: str) -> tuple[str, ...]:
    """ "tvspend" and "Radiokosten" as two words; a word that is known as a whole stays whole."""
    word = plain(part)
    if word in SPEND or len(word) != len(part):
        return (part,)
    match = _COMPOUND.fullmatch(word)
    return (part[: match.end(1)], part[match.end(1) :]) if match else (part,)


def title(parts: tuple[str, ...]) -> str:
    """Words as a channel name: "tv" is TV, "search" Search, "GoogleAds" stays as it is written."""
    return " ".join(_titled(part) for part in parts)


def _titled(part: str) -> str:
    word = part.lower()
    if word in _UPPER:
        return part.upper()
    if word in _BRANDS:
        return _BRANDS[word]
    return part[:1].upper() + (part[1:].lower() if part.isupper() and len(part) > 4 else part[1:])
