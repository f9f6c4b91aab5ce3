"""`mixmodel backup` and `mixmodel restore`: on the stores of the environment, or on those of this machine's home."""

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mixmodel_app.config import settings
from mixmodel_app.domain.errors import ConfigurationError, InvalidInput
from mixmodel_app.local.home import Home, Instance, explained, only_instance, write_private
from mixmodel_app.local.stack import EmbeddedStores
from mixmodel_app.services.backup import Manifest

PIPE = Path("-")


def is_at_home() -> bool:
    """Whether the command works on the embedded stores of the home, which nobody has started."""
    return not os.environ.get("DATABASE_URL") and Instance.read(Home(settings().home)) is None


@contextlib.contextmanager
def own_stores(*, new: bool) -> Iterator[None]:
    """Start the embedded stores of the home for the time of a command, and name them in the environment.

    Args:
        new: whether a home without data will do.

    Raises:
        ConfigurationError: there is no data, or somebody else uses it.
    """
    home = Home(settings().home)
    if not new and not (home.root / "postgres").exists():
        raise ConfigurationError(
            f"There is no MixModel in {home.root}.", hint="Set MIXMODEL_HOME, or DATABASE_URL for one on servers."
        )
    home.prepare()
    with only_instance(home), EmbeddedStores(home.root) as stores:
        os.environ |= stores.env()
        settings.cache_clear()
        yield


def make_backup(options: argparse.Namespace) -> None:
    """Write the archive, to standard output for `-`. Raises `InvalidInput` when the file cannot be written."""
    from mixmodel_app.services import backup

    with _target(options.file) as target:
        manifest = backup.write(target, with_secrets=options.with_secrets)
    _say(f"Backed up {_contents(manifest)} to {'standard output' if options.file == PIPE else options.file}.")
    if manifest.missing:
        _say(f"{len(manifest.missing)} files are missing in the storage or damaged, and not in the backup:")
        for key in manifest.missing:
            _say(f"  {key}")
    if not options.with_secrets:
        _say("The signing key (JWT_SECRET_KEY) is not in it: keep it too, second factors depend on it.")


@contextlib.contextmanager
def _target(path: Path) -> Iterator[BinaryIO]:
    """Where the archive goes: a file for its owner only, which appears when it is whole."""
    if path == PIPE:
        if sys.stdout.isatty():
            raise InvalidInput("A backup is no text for a terminal.", hint="Send it on: mixmodel backup - > FILE")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if path.exists():
        raise InvalidInput(f"{path} exists already.", hint="Choose another name; a backup never replaces a file.")
    if not path.absolute().parent.is_dir():
        raise InvalidInput(f"There is no directory {path.absolute().parent}.")
    with explained(path):
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            Path(name).rename(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def restore_backup(options: argparse.Namespace, *, at_home: bool) -> None:
    """Check the archive, bring it back, and say what people will notice.

    Args:
        at_home: whether the embedded stores were started for this.
    """
    from mixmodel_app.services import restore

    done = restore.read(options.file, replace=options.replace)
    _say(f"Restored {_contents(done.manifest)}, as of {done.manifest.made_at[:19].replace('T', ' ')} UTC.")
    if done.signing_key and at_home:
        write_private(Home(settings().home).root / "secrets" / "jwt", done.signing_key)
        _say("The signing key of the backup is in place. Everybody signs in again.")
    elif done.same_key:
        _say("Everybody signs in again.")
    else:
        _say(
            "The signing key is not that of the backup. Everybody signs in again, and whoever has a second factor uses "
            "a recovery code, or sets it up anew after `mixmodel reset-password --drop-second-factor`."
        )
        if done.signing_key:
            _say("To avoid that, set JWT_SECRET_KEY to the one in secrets.json of the archive before you start.")


def _contents(manifest: Manifest) -> str:
    rows = {name: table.rows for name, table in manifest.tables.items()}
    counts = f"{rows['workspaces']} workspaces, {rows['datasets']} datasets, {rows['model_runs']} runs"
    return f"{counts} and {len(manifest.files)} files ({manifest.size / 1e6:.1f} MB)"


def _say(text: str) -> None:
    """To standard error: standard output may be the archive."""
    sys.stderr.write(f"{text}\n")
