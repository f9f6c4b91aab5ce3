"""Which channel a column of media belongs to, and in which unit, from its name alone."""

import re
from dataclasses import dataclass

from mixmodel_app.domain.dataset import SpendType
from mixmodel_app.ingest.vocabulary import CHANNELS, CURRENCY, EXPOSURE, RATE, SPEND, UNSAID, Name, title

_SUFFIXES = {"s": SpendType.SPEND, "i": SpendType.IMPRESSIONS}
_NUMBERED_INPUT = re.compile(r"(?:x|media|channel)_?\d{1,3}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MediaName:
    """What a name says: the channel on screen, its key for grouping, the unit, the evidence in words and its weight."""

    channel: str
    key: str
    spend_type: SpendType
    evidence: str
    confidence: float


def media_name(column: str) -> MediaName | None:
    """The channel and unit that a name stands for, or None when it says neither.

    "tv_spend", "Spend_Meta", "Google Ads Cost", "facebook_I", "search_clicks_P", "Channel0_impression", "radio", "x1".
    """
    name = Name.of(column)
    if name.first_of(RATE):
        return None
    return _by_word(name, column) or _by_suffix(name) or _by_channel(name) or _by_number(column)


def _by_word(name: Name, column: str) -> MediaName | None:
    kinds = {SpendType.SPEND: SPEND, **EXPOSURE}
    for kind, words in kinds.items():
        at = next((i for i in reversed(range(len(name.words))) if name.words[i] in words), None)
        if at is not None:
            # Robyn ends exposure columns in a letter for the unit: search_clicks_P, tv_grp_I.
            trailing = [i for i in range(at + 1, len(name.parts)) if name.parts[i] in ("P", "S", "I")]
            besides = [i for i, word in enumerate(name.words) if word in CURRENCY | UNSAID]
            rest = name.without(at, *trailing, *besides)
            return _media(rest, column, kind, f"name contains {name.parts[at].lower()!r}", 0.97 if rest.parts else 0.75)
    return None


def _by_suffix(name: Name) -> MediaName | None:
    if len(name.parts) < 2 or name.words[-1] not in _SUFFIXES:
        return None
    kind = _SUFFIXES[name.words[-1]]
    confidence = 0.92 if name.parts[-1].isupper() else 0.7
    rest = name.without(len(name.parts) - 1)
    return _media(rest, "", kind, f"name ends in '_{name.parts[-1]}', the usual mark of {kind.value}", confidence)


def _by_channel(name: Name) -> MediaName | None:
    word = name.first_of(CHANNELS)
    if word is None or len(name.words) > 3:
        return None
    evidence = f"name contains {word!r}, an advertising channel; taken as spend"
    return _media(name, "", SpendType.SPEND, evidence, 0.65)


def _by_number(column: str) -> MediaName | None:
    if _NUMBERED_INPUT.fullmatch(column) is None:
        return None
    evidence = f"{column!r} is the usual name of a model input; taken as spend"
    channel = column.upper() if column[:1] in "xX" else title(Name.of(column).parts)
    return MediaName(channel, column.lower(), SpendType.SPEND, evidence, 0.5)


def _media(rest: Name, column: str, kind: SpendType, evidence: str, confidence: float) -> MediaName:
    channel = title(rest.parts) or title((column,))
    return MediaName(channel, rest.joined or column.lower(), kind, evidence, confidence)
