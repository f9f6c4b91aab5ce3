"""Sentences about runs that more than one page says."""

from mixmodel_app.domain.queueing import Place

INCOMPLETE = (
    "Incomplete: the time limit stopped this fit. Its figures are rougher than they should be and cannot be exported."
)
NO_WORKER = "No worker is there to take this run. It starts by itself as soon as one is."
_AT_ONCE_S = 1.5


def duration(seconds: float) -> str:
    """A time span in words: "8 s", "3 min 20 s", "1 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def waiting_sentence(place: Place | None, again: str = "") -> str:
    """Where a waiting run stands. `again` says why it waits a second time."""
    if place is None:
        where = NO_WORKER
    elif place.before == 0:
        where = "Next in line" + _starts(place)
    else:
        runs = "1 run starts" if place.before == 1 else f"{place.before} runs start"
        where = f"{runs} before this one" + _starts(place)
    return f"{again}. {where}" if again else where


def cost_sentence(seconds: float, memory_mb: float, starts_in_s: float | None) -> str:
    """What a run would cost, before it is started."""
    memory = f"{memory_mb / 1000:.1f} GB" if memory_mb >= 1000 else f"{max(10, round(memory_mb, -1)):.0f} MB"
    cost = f"Takes about {duration(seconds)} and {memory} of memory"
    if starts_in_s is None:
        return f"{cost}. {NO_WORKER}"
    return (
        f"{cost}, and starts at once."
        if starts_in_s < _AT_ONCE_S
        else f"{cost}; it would start in about {duration(starts_in_s)}."
    )


def _starts(place: Place) -> str:
    return "" if place.starts_in_s < _AT_ONCE_S else f"; it starts in about {duration(place.starts_in_s)}"
