"""When the pages are built, with what, and how the served copy gets its port. Reflex itself is a stand-in here."""

import gzip
import os
import sys
import threading
from pathlib import Path

import pytest

from mixmodel_app.config import Settings
from mixmodel_app.domain.errors import ConfigurationError
from mixmodel_app.local import frontend, serving

BAKED = f"const PING = 'http://localhost:{frontend.BAKED_PORT}/ping', EVENT = 'ws://localhost:{frontend.BAKED_PORT}/_event';"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("rxconfig.py", "requirements.lock", "mixmodel_app/pages/home.py", "assets/theme.css"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Builds that were made; each writes what Reflex would."""
    made: list[Path] = []

    def export(project: Path) -> None:
        made.append(project)
        client = frontend.web_dir(project) / "build/client/assets"
        client.mkdir(parents=True, exist_ok=True)
        (client.parent / "index.html").write_text("<html>")
        (client / "env.js").write_text(BAKED)
        (client / "env.js.gz").write_bytes(gzip.compress(BAKED.encode()))
        (client / "big.js").write_text("unchanged")
        (frontend.web_dir(project) / "backend").mkdir(exist_ok=True)
        (frontend.web_dir(project) / "backend/stateful_pages.json").write_text("[]")

    monkeypatch.setattr(frontend, "_export", export)
    return made


def test_the_pages_are_built_once(project: Path, exports: list[Path]) -> None:
    assert not frontend.is_current(project)
    frontend.build(project)
    frontend.build(project)
    assert frontend.is_current(project)
    assert len(exports) == 1


@pytest.mark.parametrize(
    "change",
    ["rxconfig.py", "mixmodel_app/pages/home.py", "mixmodel_app/pages/new.py", "assets/x.svg", "requirements.lock"],
)
def test_a_changed_or_new_source_makes_them_stale(project: Path, exports: list[Path], change: str) -> None:
    frontend.build(project)
    (project / change).write_text("changed")
    assert not frontend.is_current(project)
    frontend.build(project)
    assert len(exports) == 2


def test_what_does_not_matter_does_not_make_them_stale(project: Path, exports: list[Path]) -> None:
    frontend.build(project)
    for name in ("README.md", "mixmodel_app/pages/__pycache__/home.pyc", "assets/external/link.js"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("x")
    assert frontend.is_current(project)


def test_a_renamed_source_makes_them_stale(project: Path, exports: list[Path]) -> None:
    frontend.build(project)
    (project / "mixmodel_app/pages/home.py").rename(project / "mixmodel_app/pages/start.py")
    assert not frontend.is_current(project)


def test_a_failed_build_does_not_count(project: Path, exports: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    frontend.build(project)
    (project / "rxconfig.py").write_text("changed")

    def fail(_project: Path) -> None:
        raise ConfigurationError("no network")

    monkeypatch.setattr(frontend, "_export", fail)
    with pytest.raises(ConfigurationError):
        frontend.build(project)
    (project / "rxconfig.py").write_text("rxconfig.py")
    assert not frontend.is_current(project), "the stamp of the old build outlived the failed one"


def test_of_two_builders_one_builds(project: Path, exports: list[Path]) -> None:
    builders = [threading.Thread(target=frontend.build, args=(project,)) for _ in range(2)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert len(exports) == 1


def test_a_broken_export_is_one_sentence_with_its_reason(project: Path) -> None:
    (project / "rxconfig.py").write_text("raise RuntimeError('TypeError in a page')")
    with pytest.raises(ConfigurationError, match="The pages could not be built: ") as caught:
        frontend.build(project)
    assert "build.log" in caught.value.hint
    assert (project / ".mixmodel/build.log").read_text()


def test_a_build_knows_no_secret_and_finds_node_here() -> None:
    env = frontend.build_env(
        {"PATH": "/usr/bin", "JWT_SECRET_KEY": "s", "DATABASE_URL": "d", "APP_ENV": "production", "LANG": "C"}
    )
    assert env["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), "/usr/bin"]
    assert env["MIXMODEL_PORT"] == str(frontend.BAKED_PORT)
    assert env["LANG"] == "C"
    assert not {"JWT_SECRET_KEY", "DATABASE_URL", "APP_ENV"} & env.keys()
    assert Settings.from_env(env).web.port == frontend.BAKED_PORT


def test_the_served_copy_has_the_port_and_the_build_keeps_its_own(
    project: Path, exports: list[Path], tmp_path: Path
) -> None:
    frontend.build(project)
    built = frontend.web_dir(project)
    served = serving.served_copy(built, tmp_path / "web", 8123)
    script = served / "build/client/assets/env.js"
    assert script.read_text() == BAKED.replace(str(frontend.BAKED_PORT), "8123")
    assert gzip.decompress(script.with_name("env.js.gz").read_bytes()).decode() == script.read_text()
    assert (built / "build/client/assets/env.js").read_text() == BAKED
    assert gzip.decompress((built / "build/client/assets/env.js.gz").read_bytes()).decode() == BAKED
    assert (served / "build/client/assets/big.js").stat().st_ino == (built / "build/client/assets/big.js").stat().st_ino
    assert (served / "backend/stateful_pages.json").exists()


def test_the_copy_is_kept_until_build_or_port_change(project: Path, exports: list[Path], tmp_path: Path) -> None:
    frontend.build(project)
    built = frontend.web_dir(project)
    first = serving.served_copy(built, tmp_path / "web", 8123)
    assert serving.served_copy(built, tmp_path / "web", 8123) == first
    other = serving.served_copy(built, tmp_path / "web", 8124)
    assert list((tmp_path / "web").iterdir()) == [other]
    (built / "build/client/index.html").write_text("<html>new")
    assert serving.served_copy(built, tmp_path / "web", 8124) != other


def test_no_build_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="There are no built pages"):
        serving.served_copy(tmp_path, tmp_path / "web", 8000)


@pytest.mark.parametrize(
    ("url", "port"),
    [("http://localhost:8123", 8123), ("https://mix.example.com", 443), ("http://mix", 80), ("https://mix:8443", 8443)],
)
def test_the_port_that_browsers_use(url: str, port: int) -> None:
    assert serving.public_port(url) == port


def test_the_web_listens_where_the_settings_say(tmp_path: Path) -> None:
    settings = Settings.from_env({"MIXMODEL_PORT": "8123", "MIXMODEL_WEB_WORKERS": "3", "MIXMODEL_HOST": "0.0.0.0"})
    command = serving.web_command(settings, tmp_path / "logging.json")
    options = dict(zip(command[3:-3:2], command[4:-3:2], strict=True))
    assert options["--host"] == "0.0.0.0"
    assert options["--port"] == "8123"
    assert options["--workers"] == "3"
    assert command[-1] == serving.APP
    assert serving.web_env(settings, tmp_path)["REFLEX_WEB_WORKDIR"] == str(tmp_path)
