"""Words of the page about the installation."""

from mixmodel_app.wording import numbers

_PARTS = {
    "database": ("Database", "keeps accounts, datasets and results"),
    "redis": ("Queue and progress", "carries runs to workers, and their progress to pages"),
    "storage": ("Files", "keeps uploads and models"),
    "worker": ("Workers", "fit models"),
    "janitor": ("Janitor", "starts runs again whose worker has died"),
}


def part(name: str) -> tuple[str, str]:
    """What people call a part of the installation, and what it is for."""
    return _PARTS.get(name, (name.capitalize(), ""))


def size(amount: int | None) -> str:
    """Bytes, as the next larger unit has them."""
    if amount is None:
        return numbers.MISSING
    value, unit = float(amount), "bytes"
    for larger in ("KB", "MB", "GB", "TB"):
        if round(value) < 1000:
            break
        value, unit = value / 1000, larger
    return f"{numbers.decimal(value, 0 if unit == 'bytes' or value >= 100 else 1)} {unit}"


def doing(*, busy: bool, run: str, run_id: str) -> str:
    """What a worker does: the run by its name, by its id to operators, else that it is somebody else's."""
    if not busy:
        return numbers.MISSING
    return run or run_id or "of another workspace"
