"""The corpus of messy files: small texts in `corpus/`, each with the expected reading beside it as JSON.

`why` says what is odd about the file. Expected are, where given: `error` (words of the refusal), `columns`, `rows`,
`first_line` (line of the first row), `values` and `text` (cells of columns), `dates` (first and last), `frequency`,
`roles` (all columns that are not ignored), `notes` (words that must be said), `question` (the option asked for) and
`low` (columns whose detection must be of low confidence). A file without `question` must ask nothing.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mixmodel_app.domain.dataset import ColumnRole
from mixmodel_app.domain.errors import MixModelError
from mixmodel_app.ingest.dates import frequency, parse_dates
from mixmodel_app.ingest.detection import detect
from mixmodel_app.ingest.reader import read_table
from mixmodel_app.ingest.table import Table

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Case:
    """One file: its name for the reader, its bytes, and what is expected."""

    name: str
    raw: bytes
    expected: dict[str, Any]

    def problems(self) -> list[str]:
        """What is read otherwise than expected, in words; empty when all is right."""
        try:
            table = read_table(self.raw, self.name)
        except MixModelError as error:
            wanted = self.expected.get("error")
            return [] if wanted and wanted in error.message else [f"refused: {error.message}"]
        if "error" in self.expected:
            return [f"accepted, should have been refused with {self.expected['error']!r}"]
        return [problem for check in _CHECKS for problem in check(table, self.expected)]


def cases() -> list[Case]:
    """Every case of the corpus, by name."""
    return [_case(path) for path in sorted(CORPUS.glob("*.json"))]


def _case(path: Path) -> Case:
    expected = json.loads(path.read_text(encoding="utf-8"))
    file = next(other for other in sorted(CORPUS.glob(f"{path.stem}.*")) if other != path)
    raw = file.read_bytes()
    if encoding := expected.get("encoding"):
        raw = raw.decode("utf-8").encode(encoding)
    if expected.get("gzip"):
        raw = gzip.compress(raw)
    return Case(expected.get("file", file.name), raw, expected)


def _shape(table: Table, expected: dict[str, Any]) -> list[str]:
    found = {"columns": list(table.columns), "rows": table.n_rows, "first_line": table.row_numbers[0]}
    return [f"{key} {found[key]}" for key in found if key in expected and expected[key] != found[key]]


def _cells(table: Table, expected: dict[str, Any]) -> list[str]:
    wanted = expected.get("values", {}) | expected.get("text", {})
    return [
        f"{name}: {table.column(name).tolist() if name in table.columns else 'no such column'}"
        for name, cells in wanted.items()
        if name not in table.columns or not _same(table.column(name).tolist(), cells)
    ]


def _same(found: list[Any], wanted: list[Any]) -> bool:
    if any(isinstance(cell, str) for cell in wanted):
        return found == wanted
    numbers = np.array([np.nan if cell is None else cell for cell in wanted], dtype=float)
    if len(found) != len(wanted) or any(isinstance(cell, str) for cell in found):
        return False
    return bool(np.allclose(np.array(found, dtype=float), numbers, rtol=1e-12, equal_nan=True))


def _dates(table: Table, expected: dict[str, Any]) -> list[str]:
    if "dates" not in expected and "frequency" not in expected:
        return []
    name = next((one.column for one in detect(table) if one.role is ColumnRole.DATE), None)
    if name is None:
        return ["no date column"]
    days = parse_dates(table.column(name)).values
    span = [str(days.min().date()), str(days.max().date())]
    problems = [f"dates {span}"] if expected.get("dates", span) != span else []
    rhythm = frequency(days).value
    return problems + ([f"frequency {rhythm}"] if expected.get("frequency", rhythm) != rhythm else [])


def _roles(table: Table, expected: dict[str, Any]) -> list[str]:
    detections = detect(table)
    problems = [
        f"{one.column} is {one.level}"
        for one in detections
        if one.column in expected.get("low", ()) and one.level != "low"
    ]
    if "roles" not in expected:
        return problems
    found = {
        role.value: columns
        for role in ColumnRole
        if role is not ColumnRole.IGNORED and (columns := [d.column for d in detections if d.role is role])
    }
    return problems + ([f"roles {found}"] if found != expected["roles"] else [])


def _said(table: Table, expected: dict[str, Any]) -> list[str]:
    notes = " ".join(table.notes)
    problems = [f"not said: {words!r} in {notes!r}" for words in expected.get("notes", ()) if words not in notes]
    asked = [question.option for question in table.questions]
    wanted = [expected["question"]] if "question" in expected else []
    return problems + ([f"asked {asked}"] if asked != wanted else [])


_CHECKS = (_shape, _cells, _dates, _roles, _said)
