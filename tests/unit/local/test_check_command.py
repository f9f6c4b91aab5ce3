"""`mixmodel check FILE`: the report of the wizard in a terminal, and repairs that can be scripted."""

import json
from pathlib import Path

import openpyxl
import pytest

from mixmodel_app import cli
from mixmodel_app.ingest.canonical import from_canonical_csv
from tests.tables import Row, changed_csv, weekly_csv


def _holes(rows: list[Row]) -> None:
    rows[4]["tv_spend"] = rows[9]["tv_spend"] = ""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "weekly.csv"
    path.write_bytes(changed_csv(_holes))
    return path


def test_findings_offers_and_answers_are_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(file)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("0 errors · ")
    assert """--fix '{"kind": "fill_zero", "arguments": {"column": "tv_spend"}}'""" in printed.out
    assert "60 weeks" in printed.out
    assert "tv_spend" in printed.err


def test_an_offer_can_be_pasted_as_it_is_printed(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["check", str(file)])
    line = next(line for line in capsys.readouterr().out.splitlines() if '"fill_zero"' in line)
    offer = line.split("--fix ")[1].strip("'")
    out, found = tmp_path / "repaired.csv", tmp_path / "report.json"
    assert cli.main(["check", str(file), "--fix", offer, "--out", str(out), "--json", str(found)]) == 0
    assert "Filled 2 empty cells of tv_spend with 0." in capsys.readouterr().err
    column = from_canonical_csv(out.read_bytes())["tv_spend"]
    assert column[4] == column[9] == 0
    report = json.loads(found.read_text())
    assert [entry["kind"] for entry in report["fixes"]] == ["fill_zero"]
    assert report["is_valid"]
    assert report["answerability"]["channels"]


def test_safe_repairs_are_made_together_and_the_workbook_tells_of_them(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "repaired.xlsx"
    assert cli.main(["check", str(file), "--safe-fixes", "--out", str(out)]) == 0
    story = [str(row[1]) for row in openpyxl.load_workbook(out)["How it was made"].values]
    assert "Filled 2 empty cells of tv_spend with 0." in story


def test_errors_are_printed_and_end_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = tmp_path / "short.csv"
    short.write_bytes(weekly_csv(weeks=12))
    assert cli.main(["check", str(short)]) == 2
    printed = capsys.readouterr()
    assert "ERROR" in printed.out
    assert "cannot live with" in printed.err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--fix", "fill"], "no JSON"),
        (["--fix", '{"kind": "magic"}'], "no fix"),
        (["--reading", "[]"], "object"),
        (["--reading", '{"colour": 1}'], "colour"),
        (["--out", "nowhere/at/all.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    file: Path, arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(file), *arguments]) == 2
    assert word in capsys.readouterr().err
