"""A backup brought back: into an empty installation, or in the place of what is there.

The whole archive is checked before anything changes. Files come first, then the tables in one transaction, so that no
row ever names a file that is not there yet; files that only the old rows named are swept by the janitor later.
"""

import hashlib
import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from mixmodel_app.domain.errors import Conflict, InvalidInput
from mixmodel_app.services.backup import FORMAT, MANIFEST, SECRETS, Manifest, signing_key_mark
from mixmodel_app.storage import cache, dump, schema
from mixmodel_app.storage.objects import CHUNK, objects

LEAVING_S = 3.0
"""How long the connections of processes that have just been stopped may still be there."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back, and the signing key of the archive, "" when it is not in there.

    `same_key` says whether this installation signs as the other did.
    """

    manifest: Manifest
    same_key: bool
    signing_key: str = field(repr=False)


def read(path: Path, *, replace: bool = False) -> Restored:
    """Bring a backup back. Nothing else may use the database meanwhile.

    Args:
        replace: take the place of everything that is there.

    Raises:
        InvalidInput: the file is no backup, is damaged, or was made by a newer version. Nothing has changed.
        Conflict: the installation is in use, or holds something and `replace` is not said. Nothing has changed.
    """
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        _check_whole(archive, manifest, path)
        _check_target(replace=replace)
        objects().prepare()
        for key in manifest.files:
            _put(archive, key)
        _load(archive, manifest)
        cache.forget_all()
        secrets = json.loads(archive.read(SECRETS)) if SECRETS in manifest.entries else {}
    return Restored(manifest, signing_key_mark() == manifest.signing_key, secrets.get("JWT_SECRET_KEY", ""))


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError as error:
        if Path(error.filename or "") != path:
            raise
        raise InvalidInput(f"There is no file {path}.") from None
    except zipfile.BadZipFile as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> InvalidInput:
    return InvalidInput(f"{path} is no backup of MixModel, or it is damaged or cut off.", hint="Take another copy.")


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        raw = json.loads(archive.read(MANIFEST))
        newer = raw["format"] > FORMAT or not schema.is_known(raw["revision"])
        version = raw["version"]
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path) from error
    if newer:
        raise InvalidInput(
            f"{path} was made by MixModel {version}, which is newer than this one.", hint="Upgrade MixModel first."
        )
    return Manifest.from_json(raw)


def _check_whole(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    for name, entry in manifest.entries.items():
        digest = hashlib.sha256()
        try:
            for chunk in _chunks(archive, name):
                digest.update(chunk)
        except KeyError as error:
            raise _damaged(path) from error
        if digest.hexdigest() != entry.sha256:
            raise _damaged(path)


def _check_alone() -> None:
    """Nobody else is connected; Postgres ends the connections of those who have just left a moment later."""
    deadline = time.monotonic() + LEAVING_S
    while True:
        with dump.snapshot() as found:
            others = found.others()
        if not others:
            return
        if time.monotonic() > deadline:
            raise Conflict(
                f"The database is in use ({others} other connection{'' if others == 1 else 's'}).",
                hint="Stop web, workers and janitor, then try again.",
            )
        time.sleep(0.1)


def _check_target(*, replace: bool) -> None:
    _check_alone()
    with dump.snapshot() as found:
        names = found.names()
        kept = {name: found.count(name) for name in ("workspaces", "datasets", "model_runs") if name in names}
    if any(kept.values()) and not replace:
        counts = ", ".join(f"{count} {name.replace('model_', '')}" for name, count in kept.items())
        raise Conflict(
            f"This installation is not empty: {counts}.", hint="Restore into an empty one, or say --replace to lose it."
        )


def _put(archive: zipfile.ZipFile, key: str) -> None:
    with NamedTemporaryFile() as held:
        for chunk in _chunks(archive, f"objects/{key}"):
            held.write(chunk)
        held.flush()
        objects().put(key, Path(held.name))


def _load(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Make the tables of the backup's time, fill them, and bring them to this version."""
    schema.drop_all()
    schema.upgrade(manifest.revision)
    with dump.loading() as tables:
        for name, table in manifest.tables.items():
            loaded = tables.copy_in(name, table.columns, _chunks(archive, f"database/{name}.csv"))
            assert loaded == table.rows, f"{name}: {loaded} rows instead of {table.rows}"
        tables.analyze()
    schema.upgrade()


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as source:
        while chunk := source.read(CHUNK):
            yield chunk
