"""The `mixmodel` command: parsing, one-sentence errors, and the choice of columns for a fit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mixmodel_app import cli, cli_data, cli_fit
from mixmodel_app.config import settings
from mixmodel_app.domain.dataset import ColumnRole, Detection
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.local.home import Home, Instance, only_instance

ROOT = Path(__file__).resolve().parents[3]
COLUMNS = ("week", "sales", "tv_spend", "radio_spend", "price")
DETECTED = (
    Detection("week", ColumnRole.DATE, 0.9, ""),
    Detection("sales", ColumnRole.TARGET, 0.9, ""),
    Detection("tv_spend", ColumnRole.MEDIA, 0.9, ""),
    Detection("radio_spend", ColumnRole.MEDIA, 0.9, ""),
    Detection("price", ColumnRole.CONTROL, 0.9, ""),
)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No store in the environment, and a home of its own."""
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "JWT_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MIXMODEL_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


@pytest.mark.parametrize(
    "command", ["up", "check", "fit", "simulate", "worker", "web", "build", "migrate", "sample", "create-admin"]
)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([command, "--help"])
    assert caught.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 3


def test_help_is_instant_because_it_imports_nothing_heavy() -> None:
    code = (
        "import sys, contextlib\nfrom mixmodel_app import cli\n"
        "with contextlib.suppress(SystemExit): cli.main(['--help'])\n"
        "heavy = {'pandas', 'numpy', 'pymc', 'reflex', 'sqlalchemy', 'redis', 'structlog'} & sys.modules.keys()\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_start_itself_loads_neither_web_nor_engine() -> None:
    code = (
        "import sys, mixmodel_app.local.up\n"
        "heavy = {'pandas', 'numpy', 'pymc', 'reflex', 'sqlalchemy', 'fastapi'} & sys.modules.keys()\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", [[], ["fly"], ["fit"], ["up", "--port", "x"], ["fit", "a.csv", "--mode", "slow"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2


def test_a_missing_file_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fit", "nowhere.csv"]) == 2
    assert capsys.readouterr().err == "mixmodel: There is no file nowhere.csv.\n"


def test_a_wrong_setting_is_one_sentence(
    alone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MIXMODEL_PORT", "many")
    assert cli.main(["up"]) == 2
    assert capsys.readouterr().err == (
        "mixmodel: MIXMODEL_PORT is 'many' but must be a whole number from 1 to 65535.\n"
    )


@pytest.mark.parametrize("command", [["migrate"], ["worker"], ["web"], ["sample"]])
def test_without_stores_a_command_says_which_settings_are_missing(
    alone: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(command) == 2
    error = capsys.readouterr().err
    assert error.startswith("mixmodel: DATABASE_URL, REDIS_URL, JWT_SECRET_KEY are not set")
    assert error.count("\n") == 1


def test_a_command_finds_the_running_instance(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(alone)
    home.prepare()
    addresses = {"DATABASE_URL": "postgresql+psycopg://u@/d", "REDIS_URL": "redis://r", "JWT_SECRET_KEY": "k"}
    for name in addresses:
        monkeypatch.setenv(name, "")  # so that what `_attach` sets is undone afterwards
    with only_instance(home):
        Instance(1, "http://localhost:1", addresses).write(home)
        found = cli._attach()
    assert (found.database.url, found.redis.url) == ("postgresql+psycopg://u@/d", "redis://r")


def test_a_store_that_does_not_answer_is_one_sentence(
    alone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://u:hunter2@127.0.0.1:1/d")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("JWT_SECRET_KEY", "k")
    assert cli.main(["migrate"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("mixmodel: Postgres or Valkey does not answer: ")
    assert error.count("\n") == 1
    assert "hunter2" not in error


def test_chosen_columns_win_over_detected_ones() -> None:
    chosen = {ColumnRole.TARGET: ["price"], ColumnRole.MEDIA: ["tv_spend"]}
    roles = {d.column: d.role for d in cli_data.override(DETECTED, chosen, COLUMNS)}
    assert roles == {
        "week": ColumnRole.DATE,
        "sales": ColumnRole.IGNORED,
        "tv_spend": ColumnRole.MEDIA,
        "radio_spend": ColumnRole.IGNORED,
        "price": ColumnRole.TARGET,
    }


def test_no_controls_is_a_choice_too() -> None:
    parsed = cli._parser().parse_args(["fit", "x.csv", "--controls"])
    assert cli_data.chosen_roles(parsed) == {ColumnRole.CONTROL: []}
    roles = {d.role for d in cli_data.override(DETECTED, {ColumnRole.CONTROL: []}, COLUMNS)}
    assert ColumnRole.CONTROL not in roles


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({ColumnRole.TARGET: ["profit"]}, "The file has no column 'profit'"),
        ({ColumnRole.TARGET: ["price"], ColumnRole.CONTROL: ["price"]}, "'price' cannot be target and control"),
    ],
)
def test_an_impossible_choice_is_named(chosen: dict[ColumnRole, list[str]], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        cli_data.override(DETECTED, chosen, COLUMNS)


def test_a_file_without_channels_says_which_option_helps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "\n".join(f"2024-{month:02d}-01,{month * 10},{month}" for month in range(1, 13))
    (tmp_path / "plain.csv").write_text(f"month,revenue,remark_number\n{rows}\n")
    assert cli.main(["fit", str(tmp_path / "plain.csv")]) == 2
    assert "give --media" in capsys.readouterr().err


def test_data_with_errors_is_not_fitted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "\n".join(f"2024-01-{day:02d},{day * 10},{-day}" for day in range(1, 29))
    (tmp_path / "bad.csv").write_text(f"date,revenue,tv_spend\n{rows}\n")
    assert cli.main(["fit", str(tmp_path / "bad.csv")]) == 2
    captured = capsys.readouterr()
    assert "Error" in captured.err
    assert captured.out == ""


def given(tmp_path: Path, config: str) -> dict[str, object]:
    (tmp_path / "settings.json").write_text('{"l_max": 5}')
    parsed = cli._parser().parse_args(["fit", "x.csv", "--seed", "3", "--config", config.format(here=tmp_path)])
    return cli_fit.settings_of(parsed)


@pytest.mark.parametrize("config", ['{{"l_max": 5, "random_seed": 9}}', "{here}/settings.json"], ids=["text", "file"])
def test_settings_come_as_text_or_as_a_file_and_the_seed_wins(tmp_path: Path, config: str) -> None:
    assert given(tmp_path, config) == {"mode": "quick", "l_max": 5, "random_seed": 3}


@pytest.mark.parametrize(("config", "message"), [("{{l_max", "neither JSON"), ("nowhere.json", "neither JSON")])
def test_settings_that_cannot_be_read_are_named(tmp_path: Path, config: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        given(tmp_path, config)


def test_simulate_writes_data_and_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", str(tmp_path / "new/sample")]) == 0
    written = capsys.readouterr().out
    assert json.loads((tmp_path / "new/sample/truth.json").read_text())
    assert "retail_weekly.csv" in written
