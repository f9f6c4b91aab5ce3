"""`mixmodel check FILE`: what the checks find, what they offer to repair, and what the data can tell, without a fit."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from mixmodel_app.cli_data import json_object, note, stop_on_errors, table_and_roles
from mixmodel_app.domain.answerability import Answerability
from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.findings import Severity, ValidationReport
from mixmodel_app.domain.fixes import AppliedFix, FixOffer, safe_offers
from mixmodel_app.exports.dataset import table_workbook
from mixmodel_app.ingest.answerability import answerability
from mixmodel_app.ingest.canonical import to_canonical_csv
from mixmodel_app.ingest.repair import apply_fix
from mixmodel_app.ingest.report import validate
from mixmodel_app.ingest.table import Table


def check_file(options: argparse.Namespace) -> None:
    """Read, detect, repair where asked, check, print.

    Raises:
        MixModelError: the file cannot be read or a repair cannot be made.
        InvalidInput: the checks find errors; everything has been printed and written by then.
    """
    table, mapping = table_and_roles(options)
    for text in (*table.notes, *(question.text for question in table.questions)):
        note(f"Reading   {text}")
    table, mapping, log = _repaired(table, mapping, options)
    report, answers = validate(table, mapping), answerability(table, mapping)
    sys.stdout.write("\n".join(_lines(report, answers)) + "\n")
    if options.out:
        _write(options.out, _as_file(options.out, table, options.file.name, log))
    if options.json:
        found = {
            "column_mapping": mapping.to_json(),
            "fixes": [entry.to_json() for entry in log],
            "answerability": answers.to_json() if answers else None,
            **report.to_json(),
        }
        _write(options.json, json.dumps(found, indent=1, allow_nan=False).encode())
    stop_on_errors(report)


def _repaired(
    table: Table, mapping: ColumnMapping, options: argparse.Namespace
) -> tuple[Table, ColumnMapping, list[AppliedFix]]:
    """The table after the repairs that were asked for, with their log."""
    log: list[AppliedFix] = []
    offers = [_offer(text) for text in options.fix]
    if options.safe_fixes:
        offers += safe_offers(finding.fixes for finding in validate(table, mapping).findings)
    for offer in offers:
        done = apply_fix(table, mapping, offer.kind, offer.arguments)
        note(f"Repair    {done.change.sentence}")
        if not done.change.is_nothing:
            before, after = mapping.to_json(), done.mapping.to_json()
            log.append(
                AppliedFix(offer.kind, offer.arguments, done.change.to_json(), before, after, "", "mixmodel check")
            )
        table, mapping = done.table, done.mapping
    return table, mapping, log


def _offer(text: str) -> FixOffer:
    raw = json_object(text, "--fix")
    return FixOffer(str(raw.get("kind")), "", raw.get("arguments") or {})


def _lines(report: ValidationReport, answers: Answerability | None) -> Iterator[str]:
    counts = (len(report.of(severity)) for severity in Severity)
    yield " · ".join(f"{n} {s.value}{'' if n == 1 else 's'}" for n, s in zip(counts, Severity, strict=True))
    for finding in report.findings:
        yield f"{finding.severity.value.upper():<11}{finding.code}  {finding.message}"
        if finding.hint:
            yield f"{'':<11}{finding.hint}"
        for offer in finding.fixes:
            asked = json.dumps({"kind": offer.kind, "arguments": offer.arguments}, ensure_ascii=False)
            yield f"{'':<11}{offer.label}: --fix '{asked}'"
    if answers:
        yield ""
        yield answers.summary
        yield from (f"  {channel.reason}" for channel in answers.channels)


def _as_file(path: Path, table: Table, source: str, log: list[AppliedFix]) -> bytes:
    if path.suffix.lower() == ".xlsx":
        return table_workbook(table.frame, source, [entry.to_json() for entry in log], table.notes)
    return to_canonical_csv(table.frame)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from error
    note(f"Wrote     {path}")
