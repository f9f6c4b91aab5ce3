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
    semaine mois periode fecha dia semana mes periodo kalenderwoche yearweek yearmonth weekyear
    """
)
CALENDAR = _words(
    """
    dayofyear dayofweek weekday weeknumber weekofyear monthofyear quarter year is_weekend t index idx id row
    trend
    """
)
YEAR = _words("year jahr annee an ano anio iso_year isoyear yr")
WEEK = _words("week woche kw kalenderwoche semaine semana isoweek weeknumber weekofyear wk")
MONTH = _words("month monat mois mes monthofyear")
CHANNEL_KEYS = tuple(
    _words(words)
    for words in (
        "channel channels kanal kanale canal canaux canales mediakanal werbekanal",
        "medium media medien medio support levier platform plattform plateforme plataforma network netzwerk reseau",
        "source quelle fuente publisher vendor partner",
        "campaign campaigns kampagne campagne campana",
    )
)
METRIC_KEYS = _words("variable metric metrik kpi measure indicator kennzahl indicateur metrica indicador series")
GROUPS = _words(
    """
    geo geos geography region regions state states country countries dma market markets city cities store location
    territory area division county zip plz postcode province land bundesland stadt ort markt filiale gebiet
    verkaufsgebiet departement ville pays marche magasin provincia ciudad pais estado tienda mercado comunidad zona
    product products brand brands sku category segment produkt marke produit marque producto marca
    """
)
TARGET = {
    word: rank
    for rank, words in enumerate(
        (
            "revenue revenues umsatz umsatze erlos erlose einnahmen ingresos ingreso facturacion revenu revenus "
            "recettes turnover gmv income",
            "sales verkaufe verkauf absatz ventes vente ventas venta ca chiffre",
            "conversions conversion konversionen conversiones",
            "orders order bestellungen bestellung commandes pedidos purchases transactions bookings buchungen "
            "units kaufe achats compras transaktionen transacciones reservations reservas",
            "kpi target outcome response y subscriptions signups registrations leads installs customers anmeldungen "
            "neukunden inscriptions clientes",
        )
    )
    for word in words.split()
}
MONEYED = _words(
    """
    revenue revenues umsatz umsatze erlos erlose einnahmen ingresos ingreso facturacion revenu revenus recettes turnover
    gmv income sales verkaufe verkauf ventes vente ventas venta chiffre value values wert amount betrag montant importe
    profit margin eur usd gbp chf
    """
)
"""Words of an outcome in money; they say more than those of a count: "conversion_value"."""

COUNTED = _words(
    """
    conversions conversion konversionen conversiones orders order bestellungen bestellung commandes pedidos purchases
    transactions bookings buchungen units kaufe achats compras transaktionen transacciones reservations reservas
    subscriptions subscribers signups signup registrations leads lead installs install downloads customers kunden
    anmeldungen neukunden inscriptions clientes clients visits besuche visites visitas sessions users count anzahl
    """
)
"""Words of an outcome that is a number of things."""

EXPOSURE = {
    SpendType.IMPRESSIONS: _words(
        """
    impression impressions impr imps imp impressionen impresiones views grp grps trp trps reach einblendungen
    affichages vues vistas kontakte reichweite alcance mdip
    """
    ),
    SpendType.CLICKS: _words("click clicks clic clics klick klicks clicos visits besuche visites visitas"),
}
SPEND = _words(
    """
    spend spends spending adspend cost costs investment invest budget expenditure ausgaben kosten werbekosten
    werbeausgaben depense depenses cout couts gasto gastos coste costes costo inversion inversiones
    investissement investissements spent spendings aufwand aufwendungen etat mdsp
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
    regen sonne schnee pluie lluvia aktionen rabatte soldes solde oferta ofertas descuento descuentos ferie feries
    festivos arbeitslosigkeit chomage desempleo inflacion eventos evenement evenements ereignis hldy seas mrkdn
    concurrents competidor competidores konkurrenten verkaufsforderung macro
    """
)
RIVAL = _words(
    """
    competitor competitors competition wettbewerb wettbewerber konkurrenz concurrent concurrence competencia
    concurrents competidor competidores konkurrenten rival
    """
)
CURRENCY = _words("eur euro euros usd gbp chf sek nok dkk pln cad aud dollar dollars local net netto brutto gross")
RATE = _words(
    "frequency frequenz per cpm cpc cpa cpv ctr cvr roas roi rate ratio share avg average mean pct percent pro par por"
)
UNSAID = _words("amount betrag montant importe link outbound destination unique")  # stand beside a measure
TOTAL = _words("total totals sum gesamt summe overall all alle tous toutes todos todas somme suma insgesamt")
AVERAGE = _words("average avg mean mittelwert durchschnitt moyenne promedio median ytd")
NATIONAL = TOTAL | _words("national nationwide bundesweit nacional")
# Levels, not amounts: what a country has of them is the average of its regions.
AVERAGED = RATE | _words(
    """
    temperature temp weather wetter temperatur temperatura meteo rain rainfall precipitation sunshine humidity snow
    holiday holidays feiertag feiertage ferien vacances festivo vacaciones price prices pricing preis preise prix
    precio precios discount discounts rabatt promo promos promotion promotions event events unemployment inflation
    cpi gdp confidence season seasonality distribution covid lockdown index christmas easter blackfriday trend
    """
)
ORGANIC = _words("organic organisch earned owned unpaid")
CHANNELS = _words(
    """
    tv ctv ott radio audio podcast print newspaper newspapers magazine magazines ooh dooh outdoor billboard
    cinema search sem ppc google bing facebook fb meta instagram ig tiktok youtube yt snapchat snap pinterest
    linkedin twitter x display programmatic affiliate affiliates influencer influencers video social amazon
    criteo shopping pmax dsp retargeting zeitung zeitungen kino plakat plakate
    digital sponsorship sponsoring marketing advertising ads adwords email mailing mailings
    fernsehen aussenwerbung television presse press prensa cine
    vallas exterior native suchmaschine busqueda recherche redes instore
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
_PIVOT = re.compile(r"^(?:sum of|summe von|somme de|suma de)\s+(?=\w)", re.IGNORECASE)  # pivot tables
_BOUNDARY = re.compile(r"[^0-9A-Za-zÀ-ÖØ-öø-ÿ]+|(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
_COMPOUND = re.compile(
    r"(.+?)(ausgaben|kosten|umsatz|erlos|absatz|bestellungen|preis|preise|temperatur|feiertage|"
    r"spend|spending|cost|costs|budget|impressions|impressionen|clicks|klicks)"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A column name taken apart: `parts` as written, `words` in lower case without accents, in the same order."""

    parts: tuple[str, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, column: str) -> "Name":
        parts = [part for part in _BOUNDARY.split(_PIVOT.sub("", column.lstrip("'"))) if part]
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
