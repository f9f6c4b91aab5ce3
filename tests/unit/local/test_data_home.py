"""The data directory: permissions, a full disk, the lock of one instance."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.local import home as home_module
from mixmodel_app.local.home import Home, Instance, explained, only_instance, write_private


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path / "home")
    found.prepare()
    return found


def test_a_secret_is_made_once_and_private(home: Home) -> None:
    first = home.secret("jwt")
    assert len(first) >= 32
    assert home.secret("jwt") == first
    assert (home.root / "secrets/jwt").stat().st_mode & 0o777 == 0o600
    assert home.secret("other") != first


def test_others_cannot_list_the_home(home: Home) -> None:
    assert home.root.stat().st_mode & 0o066 == 0


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=10 * 2**20)
    monkeypatch.setattr(home_module.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(ConfigurationError, match=r"is full: 10 MB are free, MixModel needs 300 MB\."):
        Home(tmp_path).prepare()


def test_running_out_of_space_later_is_the_same_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"The disk that holds .* is full"), explained(tmp_path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"MixModel cannot write to .*file") as caught:
        Home(tmp_path / "file" / "home").prepare()
    assert "\n" not in caught.value.sentence()


def test_a_second_instance_hears_where_the_first_one_is(home: Home) -> None:
    with only_instance(home):
        Instance(os.getpid(), "http://localhost:8123", {"DATABASE_URL": "x"}).write(home)
        with (
            pytest.raises(ConfigurationError, match="already runs at http://localhost:8123 "),
            only_instance(home),
        ):
            raise AssertionError("two instances")
        assert Instance.read(home) == Instance(os.getpid(), "http://localhost:8123", {"DATABASE_URL": "x"})
    assert Instance.read(home) is None


def test_a_second_instance_during_the_start_of_the_first(home: Home) -> None:
    with only_instance(home), pytest.raises(ConfigurationError, match="just starting"), only_instance(home):
        raise AssertionError("two instances")


def test_the_lock_of_a_killed_instance_is_free(home: Home) -> None:
    code = (
        "import os, pathlib, signal, sys; from mixmodel_app.local.home import *\n"
        "home = Home(pathlib.Path(sys.argv[1]))\n"
        "with only_instance(home):\n"
        "    Instance(1, 'http://old', {}).write(home); os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code, str(home.root)], cwd=root, check=False)
    assert done.returncode < 0
    assert Instance.read(home) is None
    with only_instance(home):
        assert not (home.root / "instance.json").exists()


def test_the_addresses_have_no_repr() -> None:
    assert "hidden-password" not in repr(Instance(1, "http://x", {"REDIS_URL": "redis://:hidden-password@x"}))


def test_a_private_file_replaces_the_old_one_at_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
