"""What is wrong with an installation, in words, and what to do about it: `mixmodel doctor`.

Each module of this package examines one area; its function yields a `Diagnosis` for each thing that it looked at.
"""

from collections.abc import Callable, Iterator

from mixmodel_app.config import Settings
from mixmodel_app.services.doctor import database, machine, people, processes, queue_server, secrets, storage, web
from mixmodel_app.services.doctor.diagnosis import Diagnosis, problem

AREAS: dict[str, Callable[[Settings], Iterator[Diagnosis]]] = {
    "secrets": secrets.examine,
    "database": database.examine,
    "redis": queue_server.examine,
    "storage": storage.examine,
    "machine": machine.examine,
    "processes": processes.examine,
    "web": web.examine,
    "people": people.examine,
}
"""In the order of the report: what others stand on comes first."""


def examine(settings: Settings) -> list[Diagnosis]:
    """Everything that was looked at. An area that itself fails is a problem; the others are looked at all the same."""
    found: list[Diagnosis] = []
    for area, look in AREAS.items():
        try:
            found += look(settings)
        except Exception as error:  # noqa: BLE001 (a doctor that dies says nothing of the rest)
            found.append(problem(area, f"This could not be examined: {error!r}.", "Put right what is named above."))
    return found
