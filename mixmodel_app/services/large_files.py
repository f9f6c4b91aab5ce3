"""Large tables are read one at a time, each in a process of its own: about ten times the size of a table is taken while
it is read, and goes back when that process ends. The web process stays as it is, however many files come.
"""

import os
import pickle
import subprocess
import sys
import tempfile
import threading
import traceback
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Concatenate

import structlog

from mixmodel_app.config import settings
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.errors import FileTooLarge, MixModelError, Unavailable
from mixmodel_app.ingest.reader import GZIP_MARK
from mixmodel_app.logging import configure_logging
from mixmodel_app.metrics import SHARED
from mixmodel_app.wording import numbers

LARGE_BYTES = 2 * 1024 * 1024
"""Of a table. A smaller one is read sooner than another process has begun."""

MOST_WAITING = 8
"""Each waits in a thread of the web; the others are for everybody else."""

_turn = threading.Lock()
_places = threading.BoundedSemaphore(MOST_WAITING)


def read_apart[**P, T](
    path: Path, read: Callable[Concatenate[Principal, P], T], principal: Principal, *args: P.args, **kwargs: P.kwargs
) -> T:
    """What `read` gives, which reads the table in the file at `path`; a large one waits for its turn.

    Args:
        read: a function of a module. For a large table it is called elsewhere, so arguments, outcome and errors are
            copied.

    Raises:
        FileTooLarge: the process that read it was ended, as the system does when memory is short.
        Unavailable: as many as may wait are waiting.
    """
    if table_bytes(path) < LARGE_BYTES:
        return read(principal, *args, **kwargs)
    if not _places.acquire(blocking=False):
        raise Unavailable("Several large files are being read just now.", hint="Try again in a minute or two.")
    try:
        with _turn:
            return _in_another_process(read, (principal, *args), kwargs)
    finally:
        _places.release()


def table_bytes(path: Path) -> int:
    """Bytes of the table in a file, as far as a packed one tells without being unpacked."""
    size = path.stat().st_size
    if size >= LARGE_BYTES:
        return size
    with path.open("rb") as file:
        if file.read(len(GZIP_MARK)) == GZIP_MARK:
            file.seek(max(size - 4, 0))
            return max(size, int.from_bytes(file.read(), "little"))
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as workbook:
        return sum(member.file_size for member in workbook.infolist())
    return size


def _in_another_process(read: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    env = {name: value for name, value in os.environ.items() if name != SHARED} | path  # it counts nothing
    with tempfile.TemporaryDirectory(prefix="mixmodel-read-") as folder:
        asked, answer = _asked(Path(folder)), _answer(Path(folder))
        asked.write_bytes(pickle.dumps((read, args, kwargs, structlog.contextvars.get_contextvars())))
        subprocess.run([sys.executable, "-m", __name__, folder], env=env, stdin=subprocess.DEVNULL, check=False)
        if not answer.exists():
            raise FileTooLarge(
                "Reading the file took more memory than this machine has.",
                hint="Keep one row per day or week and only the columns that the model needs.",
            )
        outcome = pickle.loads(answer.read_bytes())
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _asked(folder: Path) -> Path:
    return folder / "asked"


def _answer(folder: Path) -> Path:
    return folder / "answer"


def main(folder: Path) -> None:
    """Do what is asked for in the folder, and leave the outcome there: a value or an error."""
    read, args, kwargs, context = pickle.loads(_asked(folder).read_bytes())
    configure_logging(settings(), "web")
    structlog.contextvars.bind_contextvars(**context)
    numbers.use(args[0].preferences)
    try:
        outcome = read(*args, **kwargs)
    except MixModelError as error:
        outcome = error
    except Exception as error:  # noqa: BLE001 (the process that asked raises it again)
        error.add_note(traceback.format_exc())
        outcome = error
    whole = _answer(folder).with_suffix(".part")
    whole.write_bytes(pickle.dumps(outcome))
    whole.rename(_answer(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
