"""A backup: everything in the database and every file that it names, in one archive that is written as it goes.

The archive is a ZIP: `database/<table>.csv`, `objects/<key>`, and at its end `manifest.json` with the digest of each.
MixModel goes on meanwhile. Files never change, they only come and go, so the long part, copying them, needs no
particular moment. Then one snapshot of the database is taken; what it names and is not copied yet is copied before its
tables are. A file that was deleted in between makes the snapshot too old, and a new one is taken.
"""

import hashlib
import hmac
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from mixmodel_app import __version__
from mixmodel_app.config import settings
from mixmodel_app.domain.errors import DamagedFile, NotFound
from mixmodel_app.services import dataset_tables
from mixmodel_app.storage import dump
from mixmodel_app.storage.models import now
from mixmodel_app.storage.objects import CHUNK, objects
from mixmodel_app.storage.repositories import sweep

FORMAT = 1
MANIFEST, SECRETS = "manifest.json", "secrets.json"
_SNAPSHOTS = 5
_COMPRESSED = frozenset({".npz", ".parquet", ".xlsx", ".gz", ".nc"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive: SHA-256 and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds.

    Attributes:
        revision: of the schema that the tables belong to.
        tables: by name, in the order in which they must be loaded.
        entries: every file of the archive by its name there.
        missing: keys of files that the database names and the storage has not, or only damaged.
        signing_key: tells whether two installations have the same one, without giving it away.
    """

    revision: str
    tables: dict[str, dump.TableDump]
    entries: dict[str, Entry]
    missing: tuple[str, ...]
    signing_key: str
    version: str = __version__
    format: int = FORMAT
    made_at: str = field(default_factory=lambda: now().isoformat())

    @property
    def files(self) -> list[str]:
        """Keys of the stored files."""
        return [name.removeprefix("objects/") for name in self.entries if name.startswith("objects/")]

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.entries.values())

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Manifest":
        tables = {name: dump.TableDump(tuple(t["columns"]), t["rows"]) for name, t in raw["tables"].items()}
        entries = {name: Entry(**entry) for name, entry in raw["entries"].items()}
        return cls(**{**raw, "tables": tables, "entries": entries, "missing": tuple(raw["missing"])})


def signing_key_mark() -> str:
    """What tells this installation's signing key from another."""
    return hmac.new(settings().auth.jwt_secret_key.encode(), b"mixmodel backup", hashlib.sha256).hexdigest()[:16]


def write(target: BinaryIO, *, with_secrets: bool = False) -> Manifest:
    """Write a backup to a file or a pipe.

    Args:
        with_secrets: put the signing key in, which second factors are derived from.

    Raises:
        NotFound: the database has no tables.
        StorageUnavailable: the storage of files does not answer.
    """
    with zipfile.ZipFile(target, "w") as archive:
        writer = _Writer(archive)
        with dump.snapshot() as moment:
            wanted = _files(moment)
        writer.add_files(wanted)
        gone: set[str] = set()
        for attempt in range(1, _SNAPSHOTS + 1):
            with dump.snapshot() as moment:
                wanted = _files(moment)
                lost = writer.add_files(wanted)
                if lost <= gone or attempt == _SNAPSHOTS:
                    return writer.finish(moment, wanted, lost, with_secrets=with_secrets)
                gone = lost
    raise AssertionError("the last attempt returns")


def _files(moment: dump.Tables) -> set[str]:
    """Keys of all files that the rows of a snapshot name."""
    if moment.revision() is None:
        raise NotFound("The database has no tables yet.", hint="Is DATABASE_URL the right one?")
    tables = {key for table in sweep.tables(moment.session) for key in dataset_tables.files(table)}
    return tables | sweep.other_files(moment.session)


class _Writer:
    """Fills an archive and keeps account of what is in it."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.entries: dict[str, Entry] = {}

    def add_files(self, keys: Iterable[str]) -> set[str]:
        """Copy the stored files that are not in the archive yet; gives those that cannot be had."""
        return {key for key in sorted(keys) if f"objects/{key}" not in self.entries and not self._add_file(key)}

    def _add_file(self, key: str) -> bool:
        with SpooledTemporaryFile[bytes](max_size=8 * CHUNK) as held:
            try:
                for chunk in objects().stream(key):
                    held.write(chunk)
            except (NotFound, DamagedFile):
                return False
            held.seek(0)
            self._add(f"objects/{key}", iter(lambda: held.read(CHUNK), b""))
        return True

    def _add(self, name: str, chunks: Iterable[bytes]) -> None:
        entry = zipfile.ZipInfo(name, now().timetuple()[:6])
        entry.external_attr = 0o600 << 16
        packed = PurePosixPath(name).suffix in _COMPRESSED
        entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self.archive.open(entry, "w", force_zip64=True) as target:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.entries[name] = Entry(digest.hexdigest(), size)

    def finish(self, moment: dump.Tables, wanted: set[str], lost: set[str], *, with_secrets: bool) -> Manifest:
        """Add the tables of the snapshot, and the manifest."""
        tables: dict[str, dump.TableDump] = {}
        for name in moment.names():
            columns = moment.columns(name)
            self._add(f"database/{name}.csv", _pieces(moment.copy_out(name, columns)))
            tables[name] = dump.TableDump(columns, moment.count(name))
        if with_secrets:
            key = {"JWT_SECRET_KEY": settings().auth.jwt_secret_key}
            self._add(SECRETS, [json.dumps(key).encode()])
        named = {
            name: entry
            for name, entry in self.entries.items()
            if not name.startswith("objects/") or name.removeprefix("objects/") in wanted
        }
        revision = moment.revision()
        assert revision is not None
        manifest = Manifest(revision, tables, named, tuple(sorted(lost)), signing_key_mark())
        self._add(MANIFEST, [json.dumps(manifest.to_json()).encode()])
        return manifest


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of a megabyte: the database gives a row at a time."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        if len(held) >= CHUNK:
            yield bytes(held)
            held.clear()
    yield bytes(held)
