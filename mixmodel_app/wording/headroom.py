"""How much more a channel can take, in words."""

from mixmodel_app.domain.headroom import MOST_TIMES, Headroom
from mixmodel_app.wording import numbers
from mixmodel_app.wording.uncertainty import next_one, range_name

OUTSIDE = "outside observed spend"


def room_text(room: Headroom) -> str:
    """The median: "+€12k", "−€3k", "+€40k or more" at the end of what is looked at, or that nothing should be left."""
    text = _end(room, room.room.median)
    return f"{text}, all of it" if _is_all(room) else text


def room_range(room: Headroom) -> str:
    """The likely range, open where it ends with what is looked at."""
    low, high = (_end(room, value) for value in (room.room.lo, room.room.hi))
    return f"{low} to {high}"


def room_sentence(name: str, room: Headroom, period: str) -> str:
    """What may be done, with range and flag. `period` is one period of the data in words, "week"."""
    asked = f"{next_one()} returns {numbers.returned(room.target)}"
    spread = f"likely range {room_range(room)}, {range_name(room.room.level)}"
    flag = f", which is {OUTSIDE}" if room.outside else ""
    if room.room.median < 0:
        if _is_all(room):
            return f"{name} is past that point at any spend: {asked} nowhere on its curve ({spread})."
        less = numbers.money(-room.room.median)
        doubt = "most likely " if room.room.hi > 0 else ""
        return f"{name} is {doubt}past that point: {asked} only with {less} less per {period} ({spread})."
    now = f"on top of {numbers.money(room.spend)}"
    doubt = "most likely " if room.room.lo < 0 else ""
    return f"{name} can {doubt}take {room_text(room)} per {period} {now} until {asked} ({spread}){flag}."


def limit_note() -> str:
    """Why some ranges are open."""
    return f"spend is followed up to {numbers.plain(MOST_TIMES)} times what it is"


def _is_all(room: Headroom) -> bool:
    """Whether not even the first 1 returns what is asked."""
    return room.room.median < -0.999 * room.spend


def _end(room: Headroom, value: float) -> str:
    text = numbers.signed_money(value)
    return f"{text} or more" if value >= 0.999 * room.most > 0 else text
